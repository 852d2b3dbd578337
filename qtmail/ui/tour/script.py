"""The whole walk, in order."""

from qtmail.ui.tour.step import Step
from qtmail.ui.tour.steps_acting import ACTING
from qtmail.ui.tour.steps_looks import LOOKS
from qtmail.ui.tour.steps_reading import READING

STEPS: tuple[Step, ...] = (*READING, *ACTING, *LOOKS)

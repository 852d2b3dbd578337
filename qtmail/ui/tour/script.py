"""The whole walk, in order."""

from qtmail.ui.tour.step import Step
from qtmail.ui.tour.steps_acting import ACTING
from qtmail.ui.tour.steps_looks import LOOKS
from qtmail.ui.tour.steps_reading import READING
from qtmail.ui.tour.steps_writing import WRITING

STEPS: tuple[Step, ...] = (*READING, *WRITING, *ACTING, *LOOKS)

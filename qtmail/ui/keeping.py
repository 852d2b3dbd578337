"""What is kept on this computer, in words: the choices of an account and of a folder."""

from qtmail.model import Keep

CHOICES: tuple[Keep, ...] = (Keep(), Keep(365), Keep(90), Keep(30), Keep(0))
"""What is offered; any other number of days is shown where it is set."""


def words(keep: Keep) -> str:
    """As a line of a menu."""
    if keep.days is None:
        return "All messages"
    if keep.days == 0:
        return "Headers only, messages when opened"
    if keep.days == 365:
        return "Messages of the last year"
    return f"Messages of the last {keep.days:,} {'day' if keep.days == 1 else 'days'}"


def choices(current: Keep | None) -> tuple[Keep, ...]:
    """Those offered, and the present one where it is another."""
    return CHOICES if current is None or current in CHOICES else (*CHOICES, current)

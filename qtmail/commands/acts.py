"""What the commands that change something have in common: saying what was done, and the exit code."""

from collections.abc import Sequence

from qtmail.commands.context import Context
from qtmail.commands.table import Exit
from qtmail.engine.facade import Done
from qtmail.model import RowId


def finish(context: Context, done: Sequence[Done], found: int, missing: Sequence[RowId], *, as_json: bool) -> Exit:
    """Tell of the acts done on `found` rows, and of the ids of which there is no row."""
    for row in missing:
        context.out.say(f"qtmail: There is no message {row}.")
    labels = [act.label for act in done if act.gesture is not None]
    if as_json:
        context.out.json({"done": labels, "gestures": [act.gesture for act in done if act.gesture is not None]})
    else:
        for label in labels or (["Nothing had to change."] if found else []):
            context.out.say(label)
    if not missing:
        return Exit.DONE
    return Exit.PARTLY if found else Exit.FAILED

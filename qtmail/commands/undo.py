"""`qtmail undo`: take back what was done last, here and on the servers; again for the one before."""

import argparse

from qtmail.commands.context import Context
from qtmail.commands.table import Exit
from qtmail.errors import BadInput


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Undo one gesture. Raises BadInput when there is nothing, NotUndoable when it cannot be."""
    if not context.acting.undo_label():
        raise BadInput("There is nothing to undo.")
    done = context.acting.undo()
    if options.json:
        context.out.json({"undone": done.label, "gesture": done.gesture})
    else:
        context.out.say(done.label)
    return Exit.DONE

"""What commands that bring mail do at their end: read what is attached to it, so that search finds that too."""

import argparse

from qtmail.commands.context import Context
from qtmail.commands.output import counted

SOME = 300
"""Messages whose attachments are read without being asked: a few seconds."""
_SAY_EVERY = 500


def configure(parser: argparse.ArgumentParser) -> None:
    """The option of such a command."""
    parser.add_argument(
        "--attachments",
        action="store_true",
        help="end only when search knows the text of every attachment (a lot of it is otherwise left to the window)",
    )


def read(context: Context, *, everything: bool) -> int:
    """Read some of it, or all -> of how many messages it is not read yet; says so."""
    waiting = context.reading.attachments_left()
    if not waiting or (waiting > SOME and not everything):
        return _said(context, waiting)
    told = waiting

    def said(left: int) -> None:
        nonlocal told
        if told - left >= _SAY_EVERY:
            told = left
            context.out.say(f"Reading attachments: {counted(left, 'message')} to go ...")

    return _said(context, context.mail.read_attachments(None, said))


def _said(context: Context, left: int) -> int:
    if left:
        context.out.say(
            f"Search does not know the attachments of {counted(left, 'message')} yet: "
            "the window reads them when it has nothing else to do, and this command does with --attachments."
        )
    return left

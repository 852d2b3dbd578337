"""`qtmail unlock`: open an encrypted store with the recovery key, and put its key back into the keyring."""

import argparse
import sys

from qtmail.commands.context import Context
from qtmail.commands.table import Exit


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--recovery-key-stdin", action="store_true", required=True, help="read the recovery key from standard input"
    )


def run(context: Context, options: argparse.Namespace) -> Exit:
    """A key is never taken from the command line: other programs can read that."""
    from qtmail.engine import protecting

    if protecting.unlock(context.profile, sys.stdin.readline()):
        context.out.text("The mail store is unlocked; its key is in the keyring again.")
        return Exit.DONE
    context.out.say(
        "qtmail: The recovery key is right, but there is no keyring to keep it in, so commands cannot use it. "
        "The window asks for it at every start."
    )
    return Exit.FAILED

"""`qtmail import PATH --into FOLDER`: .eml files, a folder of them, an mbox or a Maildir."""

import argparse
from pathlib import Path

from qtmail.commands.context import Context
from qtmail.commands.table import Exit

_SAY_EVERY = 1000


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", type=Path, help="what to take in")
    parser.add_argument("--into", metavar="FOLDER", required=True, help="ACCOUNT/path, as “qtmail folders” prints it")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Take them in; one that is in the folder already is passed over."""
    into = context.mail.folder_named(options.into)

    def progress(done: int) -> None:
        if done % _SAY_EVERY == 0:
            context.out.say(f"{done:,} read ...")

    new, there, problems = context.mail.import_messages(options.path, into.id, progress)
    if options.json:
        context.out.json({"folder": options.into, "new": new, "already_there": there, "problems": list(problems)})
    else:
        context.out.say(f"{new:,} new, {there:,} already there.")
    for problem in problems:
        context.out.say(f"qtmail: {problem}")
    if not problems:
        return Exit.DONE
    return Exit.PARTLY if new or there else Exit.FAILED

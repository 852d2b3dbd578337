"""`qtmail export FOLDER PATH --format mbox|maildir|eml`: everything in a folder, out into files."""

import argparse
from pathlib import Path

from qtmail.commands.context import Context
from qtmail.commands.output import counted
from qtmail.commands.table import Exit

FORMS = ("mbox", "maildir", "eml")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="ACCOUNT/path, as “qtmail folders” prints it")
    parser.add_argument("path", metavar="PATH", type=Path, help="a file (mbox) or a folder (maildir, eml) to be made")
    parser.add_argument("--format", choices=FORMS, required=True, help="how to write it")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Write them; messages whose body is not here yet are counted, and make it partly done."""
    folder = context.mail.folder_named(options.folder)
    written = context.mail.export_folder(folder.id, options.path, options.format)
    left = max(0, folder.total - written)
    if options.json:
        context.out.json({"folder": options.folder, "path": str(options.path), "written": written, "left_out": left})
    else:
        context.out.say(f"{counted(written, 'message')} written to {options.path}.")
    if left:
        context.out.say(
            f"qtmail: {counted(left, 'message')} left out: only the header is here yet. “qtmail sync” gets the rest."
        )
    return Exit.PARTLY if left else Exit.DONE

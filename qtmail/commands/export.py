"""`qtmail export FOLDER PATH --format mbox|maildir|eml`: a folder out into files, or into stdout."""

import argparse
import sys
from pathlib import Path

from qtmail.commands.context import Context
from qtmail.commands.output import counted
from qtmail.commands.table import Exit
from qtmail.errors import BadInput
from qtmail.model import Folder

FORMS = ("mbox", "maildir", "eml")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="ACCOUNT/path, as “qtmail folders” prints it")
    where = "a file (mbox; - is stdout) or a folder (maildir, eml) to be made"
    parser.add_argument("path", metavar="PATH", type=Path, help=where)
    parser.add_argument("--format", choices=FORMS, required=True, help="how to write it")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Write them; messages whose body is not here yet are counted, and make it partly done."""
    folder = context.mail.folder_named(options.folder)
    if str(options.path) == "-":
        return _to_stdout(context, options, folder)
    written = context.mail.export_folder(folder.id, options.path, options.format)
    left = max(0, folder.total - written)
    if options.json:
        context.out.json({"folder": options.folder, "path": str(options.path), "written": written, "left_out": left})
    else:
        context.out.say(f"{counted(written, 'message')} written to {options.path}.")
    return _say_left(context, left)


def _to_stdout(context: Context, options: argparse.Namespace, folder: Folder) -> Exit:
    if options.format != "mbox" or options.json:
        raise BadInput("Only an mbox can be written to stdout, and no JSON beside it.", hint="Name a file or a folder.")
    sys.stdout.flush()
    return _say_left(context, max(0, folder.total - context.mail.export_mbox(folder.id, sys.stdout.buffer)))


def _say_left(context: Context, left: int) -> Exit:
    if left:
        context.out.say(
            f"qtmail: {counted(left, 'message')} left out: only the header is here yet. “qtmail sync” gets the rest."
        )
    return Exit.PARTLY if left else Exit.DONE

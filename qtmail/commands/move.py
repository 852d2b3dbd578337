"""`qtmail move ID... FOLDER`: to another folder, of another account too."""

import argparse

from qtmail.commands.acts import finish
from qtmail.commands.context import Context
from qtmail.commands.shapes import existing
from qtmail.commands.table import Exit


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="+", help="as “qtmail list” prints it")
    parser.add_argument("folder", metavar="FOLDER", help="ACCOUNT/path, as “qtmail folders” prints it")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Move them here; the servers follow at the next sync. The ids stay the same within an account."""
    to = context.acting.folder_named(options.folder)
    rows, missing = existing(context, options.ids)
    done = [context.acting.move(tuple(rows), to.id)] if rows else []
    return finish(context, done, len(rows), missing, as_json=options.json)

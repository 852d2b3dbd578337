"""`qtmail delete ID...`: to Trash; what is in Trash already goes for good (undo still brings it back for some days)."""

import argparse

from qtmail.commands.acts import finish
from qtmail.commands.context import Context
from qtmail.commands.shapes import existing
from qtmail.commands.table import Exit


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="+", help="as “qtmail list” prints it")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Delete them here; the servers follow at the next sync."""
    rows, missing = existing(context, options.ids)
    done = [context.acting.delete(tuple(rows))] if rows else []
    return finish(context, done, len(rows), missing, as_json=options.json)

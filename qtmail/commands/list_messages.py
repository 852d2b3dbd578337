"""`qtmail list FOLDER`: its messages, newest first."""

import argparse

from qtmail.commands.context import Context
from qtmail.commands.shapes import print_rows
from qtmail.commands.table import Exit


def whole_number(text: str) -> int:
    """An argparse type: 0 or more."""
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number from 0 up")
    return int(text)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="ACCOUNT/path, as “qtmail folders” prints it")
    parser.add_argument("--limit", type=whole_number, metavar="N", help="only the newest N")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Print them."""
    folder = context.reading.folder_named(options.folder)
    ids = context.reading.ids([folder.id])
    print_rows(context, ids[: options.limit], as_json=options.json, with_folder=False)
    return Exit.DONE

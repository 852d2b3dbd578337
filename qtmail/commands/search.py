"""`qtmail search QUERY`: messages with every word of it, newest first."""

import argparse

from qtmail.commands.context import Context
from qtmail.commands.list_messages import whole_number
from qtmail.commands.shapes import print_rows
from qtmail.commands.table import Exit

_SYNTAX = """A message is found when it has every WORD. from: to: cc: subject: body: filename: narrow a word; "..." is a
phrase, word* the beginning of a word, -word (or --without word) must not be there, (a OR b) is either. in:FOLDER
account:NAME tag:NAME is:unread|read|starred|answered|forwarded|encrypted has:attachment type:pdf larger:5M smaller:1M
before:2024-03 after:2024 on:yesterday older:1y newer:2w narrow the messages. Of the last word the beginning
is enough."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _SYNTAX
    parser.add_argument("query", metavar="WORD", nargs="+", help="words to find")
    parser.add_argument("--without", metavar="WORD", action="append", default=[], help="the same as -WORD")
    parser.add_argument("--in", dest="folder", metavar="FOLDER", help="only in this folder")
    parser.add_argument("--limit", type=whole_number, default=100, metavar="N", help="only the newest N (100)")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Print what was found; finding nothing is no failure."""
    folders = [context.reading.folder_named(options.folder).id] if options.folder else []
    query = " ".join([*(f"-{word}" for word in options.without), *options.query])
    ids = context.reading.search(query, folders, limit=options.limit) if options.limit else []
    print_rows(context, ids, as_json=options.json, with_folder=True)
    return Exit.DONE

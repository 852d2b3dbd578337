"""`qtmail search QUERY`: messages with every word of it, newest first."""

import argparse

from qtmail.commands.context import Context
from qtmail.commands.list_messages import whole_number
from qtmail.commands.shapes import print_rows
from qtmail.commands.table import Exit
from qtmail.model import RowId

_SYNTAX = """A message is found when it has every WORD. from: to: cc: subject: body: filename: narrow a word; "..." is a
phrase, word* the beginning of a word, -word (or --without word) must not be there, (a OR b) is either. in:FOLDER
account:NAME tag:NAME is:unread|read|starred|answered|forwarded|encrypted has:attachment type:pdf larger:5M smaller:1M
before:2024-03 after:2024 on:yesterday older:1y newer:2w narrow the messages. Of the last word the beginning
is enough. Words are also found in what attachments say."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _SYNTAX
    parser.add_argument("query", metavar="WORD", nargs="*", help="words to find")
    parser.add_argument("--saved", metavar="NAME", help="what the search saved under this name finds")
    parser.add_argument("--save", metavar="NAME", help="keep this search, in the window as a folder, under this name")
    parser.add_argument("--forget", metavar="NAME", help="delete the search saved under this name, and nothing else")
    parser.add_argument("--best", action="store_true", help="the best of the newest N first, not the newest")
    parser.add_argument("--without", metavar="WORD", action="append", default=[], help="the same as -WORD")
    parser.add_argument("--in", dest="folder", metavar="FOLDER", help="only in this folder")
    parser.add_argument("--limit", type=whole_number, default=100, metavar="N", help="only the newest N (100)")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Print what was found; finding nothing is no failure."""
    if options.forget is not None:
        context.mail.delete_search(context.reading.saved_search(options.forget))
        return Exit.DONE
    folders = [context.reading.folder_named(options.folder).id] if options.folder else []
    words = [*(f"-{word}" for word in options.without), *options.query]
    if options.saved is not None:
        words = [f"({context.reading.saved_search(options.saved).query})", *words]
    query = " ".join(words)
    if options.save is not None:
        context.mail.save_search(options.save, query)
    ids = context.reading.search(query, folders, limit=options.limit, best=options.best) if options.limit else []
    inside = context.reading.found_in_attachments(query, [RowId(row) for row in ids])
    print_rows(context, ids, as_json=options.json, with_folder=True, inside=inside)
    return Exit.DONE

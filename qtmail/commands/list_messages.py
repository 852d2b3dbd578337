"""`qtmail list FOLDER`: its messages or conversations, newest first."""

import argparse

from qtmail.commands.context import Context
from qtmail.commands.conversation_shapes import conversation_line, conversation_value
from qtmail.commands.shapes import print_rows
from qtmail.commands.table import Exit
from qtmail.model import RowId


def whole_number(text: str) -> int:
    """An argparse type: 0 or more."""
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number from 0 up")
    return int(text)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="ACCOUNT/path, as “qtmail folders” prints it")
    parser.add_argument("--limit", type=whole_number, metavar="N", help="only the newest N")
    parser.add_argument("--conversations", action="store_true", help="a line for each conversation")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Print them."""
    if options.conversations:
        return _conversations(context, options)
    folder = context.reading.folder_named(options.folder)
    ids = context.reading.ids([folder.id])
    print_rows(context, ids[: options.limit], as_json=options.json, with_folder=False)
    return Exit.DONE


def _conversations(context: Context, options: argparse.Namespace) -> Exit:
    """The newest message of each stands for it."""
    mail = context.mail
    while mail.catch_up_conversations():
        pass
    folder = mail.folder_named(options.folder)
    ids = [RowId(row) for row in mail.conversation_ids([folder.id])[: options.limit]]
    found = {}
    rows = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        found.update(mail.conversations(part, [folder.id]))
        rows.update(mail.rows(part))
    shown = [(found[row], rows[row]) for row in ids if row in found and row in rows]
    if options.json:
        name = context.folder_name(folder)
        context.out.json([conversation_value(one, row, name) for one, row in shown])
        return Exit.DONE
    if not shown:
        context.out.say("There are no messages.")
    context.out.table([conversation_line(one, row) for one, row in shown])
    return Exit.DONE

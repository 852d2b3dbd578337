"""`qtmail folders`: every folder with its counts, what is kept here of each, and which are subscribed."""

import argparse

from qtmail.commands.context import Context
from qtmail.commands.shapes import folder_value, search_value
from qtmail.commands.table import Exit
from qtmail.errors import BadInput
from qtmail.model import Folder, Keep, Protocol


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON value")
    parser.add_argument(
        "--keep",
        nargs=2,
        action="append",
        default=[],
        metavar=("FOLDER", "WHAT"),
        help="keep on this computer: everything, headers (the rest when it is opened), so many DAYS, or as the account",
    )
    for option, words in (("subscribe", "subscribe to FOLDER"), ("unsubscribe", "do not subscribe to FOLDER any more")):
        parser.add_argument(f"--{option}", action="append", default=[], metavar="FOLDER", help=words)


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Print them, accounts in the user's order; first what is kept of some, and which are subscribed, may be said: the
    next sync follows."""
    for folder, word in [(_imap_folder(context, name), _meant(word)) for name, word in options.keep]:
        context.mail.keep_folder(folder.id, word)
    wishes = {context.mail.folder_named(name).id: True for name in options.subscribe}
    wishes |= {context.mail.folder_named(name).id: False for name in options.unsubscribe}
    if wishes:
        context.mail.subscribe_folders(wishes)
    folders = [(folder, context.folder_name(folder)) for folder in context.reading.folders()]
    saved = [(one, *context.reading.search_count(one.query)) for one in context.reading.saved_searches()]
    if options.json:
        keep = {account.key: account.keep for account in context.reading.accounts()}
        values = [folder_value(folder, name, keep.get(folder.account, Keep())) for folder, name in folders]
        context.out.json(values + [search_value(one, total, unread) for one, total, unread in saved])
    else:
        context.out.table(
            [["unread", "total", "folder"]]
            + [[f"{folder.unread:,}" if folder.unread else "", f"{folder.total:,}", name] for folder, name in folders]
            + [[f"{unread:,}" if unread else "", f"{total:,}", f"search: {one.name}"] for one, total, unread in saved],
            right=frozenset({0, 1}),
        )
    return Exit.DONE


def _imap_folder(context: Context, name: str) -> Folder:
    found = context.mail.folder_named(name)
    if not any(one.key == found.account and one.protocol is Protocol.IMAP for one in context.mail.accounts()):
        raise BadInput(
            f"Of {name} everything is kept here.", hint="A choice there is for folders of IMAP accounts only."
        )
    return found


def _meant(word: str) -> Keep | None:
    try:
        return None if word == "account" else Keep.of(word)
    except ValueError:
        raise BadInput(
            f"“{word}” cannot be kept.", hint="Write everything, headers, a number of days, or account."
        ) from None

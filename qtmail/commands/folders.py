"""`qtmail folders`: every folder with its counts."""

import argparse

from qtmail.commands.context import Context
from qtmail.commands.shapes import folder_value
from qtmail.commands.table import Exit
from qtmail.model import Keep


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Print them, accounts in the user's order."""
    folders = [(folder, context.folder_name(folder)) for folder in context.reading.folders()]
    if options.json:
        keep = {account.key: account.keep for account in context.reading.accounts()}
        context.out.json([folder_value(folder, name, keep.get(folder.account, Keep())) for folder, name in folders])
    else:
        context.out.table(
            [["unread", "total", "folder"]]
            + [[f"{folder.unread:,}" if folder.unread else "", f"{folder.total:,}", name] for folder, name in folders],
            right=frozenset({0, 1}),
        )
    return Exit.DONE

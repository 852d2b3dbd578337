"""`qtmail conversation split|join|mute|unmute ID...`: the user's word on what belongs together."""

import argparse

from qtmail.commands.acts import finish
from qtmail.commands.context import Context
from qtmail.commands.shapes import existing
from qtmail.commands.table import Exit


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "act",
        choices=("split", "join", "mute", "unmute"),
        help="begin a conversation with each message; make theirs one; new mail in it is of no concern, or is again",
    )
    parser.add_argument("ids", metavar="ID", nargs="+", help="as “qtmail list” prints it")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Do it; `qtmail undo` takes it back. Raises BadInput where nothing would change."""
    mail = context.mail
    while mail.catch_up_conversations():
        pass
    rows, missing = existing(context, options.ids)
    match options.act if rows else "":
        case "split":
            done = [mail.split(row) for row in rows]
        case "join":
            done = [mail.join(tuple(rows))]
        case "mute" | "unmute" as act:
            done = [mail.mute(tuple(rows), act == "mute")]
        case _:
            done = []
    return finish(context, done, len(rows), missing, as_json=options.json)

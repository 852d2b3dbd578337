"""`qtmail pop ID... keep|remove|rest`: the user's word on messages of a POP3 server, above the account's policy."""

import argparse

from qtmail.commands.context import Context
from qtmail.commands.shapes import existing
from qtmail.commands.table import Exit

_WORDS = ("keep", "remove", "rest")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="+", help="as “qtmail list” prints it")
    parser.add_argument("word", choices=_WORDS, help="keep it there; remove it there; download the rest of it")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Write it down; the next sync acts on it. Raises BadInput where none is on a POP3 server."""
    rows, missing = existing(context, options.ids)
    for row in missing:
        context.out.say(f"qtmail: There is no message {row}.")
    if not rows:
        return Exit.FAILED
    mail = context.mail
    act = {"keep": mail.keep_on_server, "remove": mail.remove_from_server, "rest": mail.download_rest}[options.word]
    context.out.say(f"{act(tuple(rows)).label}: done at the next check.")
    if options.word == "remove":
        for row, there in context.reading.pops(tuple(rows)).items():
            if there.there and not there.whole:
                context.out.say(
                    f"qtmail: Only the beginning of message {row} is here, so it stays on the server until you get the "
                    f"rest: “qtmail pop {row} rest”."
                )
    return Exit.PARTLY if missing else Exit.DONE

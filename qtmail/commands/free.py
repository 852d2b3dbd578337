"""`qtmail free`: drop the content of old mail that its server has; it comes back when it is opened."""

import argparse

from qtmail.commands.context import Context
from qtmail.commands.output import counted, octets
from qtmail.commands.table import Exit
from qtmail.errors import BadInput
from qtmail.model import Account


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--older", metavar="DAYS", type=int, help="mail dated more than this many days ago")
    parser.add_argument("--account", metavar="NAME", help="of this account alone")
    parser.add_argument("--undo", action="store_true", help="the next sync fetches again what was dropped")
    parser.add_argument("--yes", action="store_true", help="do it; without it only show what could be dropped")
    parser.add_argument(
        "--shrink",
        action="store_true",
        help="write the databases anew without their unused room; no other qtmail may run",
    )
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Mail of POP3 accounts, of this computer alone and unsent mail always stays."""
    if options.older is None and not options.shrink and not options.undo:
        raise BadInput("Say how old mail has to be (--older 365), or --undo, or --shrink.")
    if options.undo:
        context.mail.bring_back(_accounts(context, options))
        context.out.say("The next “qtmail sync” fetches again what was dropped.")
    code = _free(context, options) if options.older is not None else Exit.DONE
    if options.shrink and (options.yes or options.older is None):
        _shrink(context)
    return code


def _accounts(context: Context, options: argparse.Namespace) -> list[Account]:
    found = [one for one in context.mail.accounts() if options.account in (None, one.name)]
    if not found:
        raise BadInput(f"There is no account {options.account}.", hint="See qtmail account list.")
    return found


def _free(context: Context, options: argparse.Namespace) -> Exit:
    from qtmail.engine import freeing

    mail = context.mail
    accounts = _accounts(context, options)
    if options.older < 0:
        raise BadInput("A number of days is not below 0.")
    found = mail.could_free(accounts, options.older)
    if options.yes:
        context.close()
        found = freeing.free_in(context.profile, accounts, options.older)
    if options.json:
        context.out.json(
            {
                "messages": found.messages,
                "octets": found.octets,
                "unproven": found.unproven,
                "done": options.yes,
                "remarks": list(found.remarks),
            }
        )
    else:
        what = f"{counted(found.messages, 'message')} ({octets(found.octets)})"
        context.out.text(f"{what} dropped here." if options.yes else f"{what} could be dropped here.")
    for words in found.remarks:
        context.out.say(f"qtmail: {words}")
    if found.unproven:
        context.out.say(f"{counted(found.unproven, 'message')} stay: the server does not show them as they are here.")
    if not options.yes:
        context.out.say("Nothing was changed. With --yes each server is asked first, and only what it has is dropped.")
    return Exit.PARTLY if found.remarks else Exit.DONE


def _shrink(context: Context) -> None:
    from qtmail.commands.encrypt import Told
    from qtmail.engine import protecting

    context.close()
    freed = protecting.shrink(context.profile, Told(context.out))
    context.out.text(f"{octets(max(0, freed))} given back to the disk.")

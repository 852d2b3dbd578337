"""`qtmail verify`: the store against itself and, where they can be reached, the servers; --repair puts it right."""

import argparse
import time
from pathlib import Path

from qtmail.commands.context import Context
from qtmail.commands.output import counted
from qtmail.commands.shapes import folder_value
from qtmail.commands.table import Exit
from qtmail.model import Keep


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--offline", action="store_true", help="do not ask the servers")
    parser.add_argument("--repair", action="store_true", help="put right what can be, then check again")
    parser.add_argument(
        "--rescue",
        metavar="DIR",
        type=Path,
        help="of a store that cannot be opened any more: save what exists only here in DIR, then begin a new one",
    )
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Look at everything; without --repair change nothing. A problem found (and left) is a failure, a server that
    cannot be asked is not."""
    from qtmail.engine.comparing import compare

    if options.rescue is not None:
        return _rescue(context, options.rescue)

    def progress(done: int, total: int) -> None:
        if 0 < done < total:
            context.out.say(f"{done:,} of {total:,} contents checked ...")

    repaired = context.mail.repair(progress) if options.repair else ()
    for words in repaired:
        context.out.say(words)
    checked = context.mail.verify(progress)
    problems = list(checked.problems)
    folders = [(folder, context.folder_name(folder)) for folder in context.mail.folders()]
    remarks = [
        f"{name}: {folder.offline}; {'the next sync fetches them' if folder.bodies_missing else 'they come if opened'}."
        for folder, name in folders
        if folder.bodies_missing or folder.left_out
    ]
    if not options.offline:
        for account in context.mail.accounts():
            if account.enabled:
                found = compare(context.profile, account)
                problems += found.problems
                remarks += found.remarks
    if options.json:
        keep = {account.key: account.keep for account in context.mail.accounts()}
        context.out.json(
            {
                "ok": not problems,
                "messages": checked.messages,
                "checked": checked.checked,
                "problems": problems,
                **({"repaired": list(repaired)} if options.repair else {}),
                "remarks": remarks,
                "folders": [folder_value(folder, name, keep.get(folder.account, Keep())) for folder, name in folders],
            }
        )
    else:
        context.out.text(
            f"{counted(checked.messages, 'message')}; {counted(checked.checked, 'content')} read and hashed."
        )
        for problem in problems:
            context.out.text(f"Problem: {problem}")
        context.out.text(counted(len(problems), "problem") + "." if problems else "All is well.")
    for words in remarks:
        context.out.say(f"qtmail: {words}")
    return Exit.FAILED if problems else Exit.DONE


def _rescue(context: Context, into: Path) -> Exit:
    """Save what no server has; the damaged database is moved aside, not deleted."""
    from qtmail.engine.lock import engine_lock
    from qtmail.store.rescue import rescue

    with engine_lock(context.profile):
        saved = rescue(context.profile, into, now=int(time.time()))
    context.out.text(f"{counted(saved, 'message')} and drafts that exist only here saved in {into}.")
    context.out.say("The damaged store was set aside. The next sync fetches again what the servers have.")
    return Exit.DONE

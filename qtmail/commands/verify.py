"""`qtmail verify`: the store against itself and, where they can be reached, against the servers."""

import argparse

from qtmail.commands.context import Context
from qtmail.commands.output import counted
from qtmail.commands.table import Exit


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--offline", action="store_true", help="do not ask the servers")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Look at everything, change nothing; a problem found is a failure, a server that cannot be asked is not."""
    from qtmail.engine.comparing import compare

    def progress(done: int, total: int) -> None:
        if 0 < done < total:
            context.out.say(f"{done:,} of {total:,} contents checked ...")

    checked = context.mail.verify(progress)
    problems = list(checked.problems)
    remarks: list[str] = []
    if not options.offline:
        for account in context.mail.accounts():
            if account.enabled:
                found = compare(context.profile, account)
                problems += found.problems
                remarks += found.remarks
    if options.json:
        context.out.json(
            {
                "ok": not problems,
                "messages": checked.messages,
                "checked": checked.checked,
                "problems": problems,
                "remarks": remarks,
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

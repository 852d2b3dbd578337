"""`qtmail restore DIR`: merge a backup into this profile; nothing is doubled, overwritten or removed."""

import argparse
from pathlib import Path

from qtmail.commands.context import Context
from qtmail.commands.import_mail import shape
from qtmail.commands.output import counted
from qtmail.commands.stoppable import stoppable
from qtmail.commands.table import Exit
from qtmail.engine.intake import Progress


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path, help="where the backup is")
    parser.add_argument("--json", action="store_true", help="one JSON value")
    parser.add_argument("--watched", action="store_true", help=argparse.SUPPRESS)


def run(context: Context, options: argparse.Namespace) -> Exit:
    """What is here already gets the flags it had; what is not comes back where it was."""

    def progress(told: Progress) -> None:
        if options.watched:
            context.out.json({"is": "progress", **told._asdict()})
        else:
            context.out.say(f"{told.read:,} read, {told.new:,} brought back ...")

    with stoppable(watched=options.watched) as stop:
        report = context.mail.restore(options.folder.expanduser().absolute(), progress, stop)
    taken = report.taken
    if options.json or options.watched:
        told = shape(str(options.folder), taken)
        context.out.json({**told, "flags_merged": report.merged, "accounts": report.accounts})
    else:
        context.out.say(
            f"{counted(taken.new, 'message')} brought back, {taken.there:,} were here already"
            f"{f' ({report.merged:,} got flags)' if report.merged else ''}."
        )
    for name in report.accounts:
        context.out.say(f"The account “{name}” came back switched off: give it its password, then switch it on.")
    for problem in taken.problems:
        context.out.say(f"qtmail: {problem}")
    if taken.stopped:
        return Exit.INTERRUPTED
    return Exit.PARTLY if taken.problems else Exit.DONE

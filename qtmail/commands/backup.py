"""`qtmail backup [DIR]`: bring a backup up to date; `--rehearse DIR` proves that it can be restored."""

import argparse
import threading
from pathlib import Path

from qtmail import settings
from qtmail.commands.context import Context
from qtmail.commands.output import counted, iso, local_time, octets
from qtmail.commands.stoppable import stoppable
from qtmail.commands.table import Exit
from qtmail.engine.backing_up.backup import BackupReport, Going
from qtmail.engine.intake import Progress
from qtmail.errors import BadInput, Cancelled


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path, nargs="?", help="where; else the one in the preferences")
    parser.add_argument("--rehearse", action="store_true", help="restore it into a place of its own and compare all")
    parser.add_argument("--status", action="store_true", help="only say when the last one was made")
    parser.add_argument("--json", action="store_true", help="one JSON value")
    parser.add_argument("--watched", action="store_true", help=argparse.SUPPRESS)


def run(context: Context, options: argparse.Namespace) -> Exit:
    """What is there already costs a look; what is new is written, read again and compared."""
    if options.status:
        return _status(context, options)
    folder = options.folder or Path(settings.load(context.profile.settings, context.out.say).backup_folder)
    if folder == Path():
        raise BadInput("Where shall the backup be?", hint="Name a folder, or choose one in Preferences > Backup.")
    folder = folder.expanduser().absolute()

    def progress(told: Going) -> None:
        if options.watched:
            context.out.json({"is": "progress", **told._asdict()})
        else:
            context.out.say(f"{told.done:,} of {told.total:,}, {told.new:,} new ...")

    try:
        with stoppable(watched=options.watched) as stop:
            if options.rehearse:
                return _rehearse(context, options, folder, stop)
            report = context.mail.back_up(folder, progress, stop)
    except Cancelled as stopped:
        context.out.say(f"qtmail: {stopped}")
        return Exit.INTERRUPTED
    _tell(context, options, report)
    return Exit.PARTLY if report.missing or report.damaged else Exit.DONE


def _tell(context: Context, options: argparse.Namespace, report: BackupReport) -> None:
    if options.json or options.watched:
        context.out.json(
            {
                "folder": str(report.root),
                "messages": report.messages,
                "new": report.new,
                "octets": report.octets,
                "moved": report.moved,
                "removed": report.removed,
                "missing": report.missing,
                "damaged": report.damaged,
                "verified": True,
                "seconds": round(report.seconds, 2),
            }
        )
    else:
        context.out.say(
            f"{counted(report.messages, 'message')} in {report.root}, "
            + (f"{report.new:,} of them new ({octets(report.octets)}) and verified." if report.new else "none new.")
        )
    if report.missing:
        context.out.say(f"qtmail: {counted(report.missing, 'message')} left out: only the header is here yet.")
    if report.damaged:
        context.out.say(f"qtmail: {counted(report.damaged, 'message')} cannot be read here. Run “qtmail verify”.")


def _rehearse(context: Context, options: argparse.Namespace, folder: Path, stop: threading.Event) -> Exit:
    def progress(told: Progress) -> None:
        if options.watched:
            context.out.json({"is": "progress", "done": told.octets, "total": told.octets_total, "new": told.read})
        else:
            context.out.say(f"{told.read:,} restored ...")

    report = context.mail.rehearse(folder, progress, stop)
    if options.json or options.watched:
        context.out.json(
            {"ok": report.ok, "messages": report.messages, "equal": report.equal, "problems": report.problems}
        )
    else:
        all_of_it = "all there and equal" if report.ok else f"{report.equal:,} came back equal"
        context.out.say(f"Restore rehearsed: {counted(report.messages, 'message')}, {all_of_it}.")
    for problem in report.problems if not options.watched else ():
        context.out.say(f"qtmail: {problem}")
    return Exit.DONE if report.ok else Exit.FAILED


def _status(context: Context, options: argparse.Namespace) -> Exit:
    known = context.mail.last_backup()
    if options.json:
        context.out.json(
            {
                "at": iso(known.at or None),
                "folder": known.folder,
                "messages": known.messages,
                "missing": known.missing,
                "problem": known.problem,
            }
        )
    elif not known.at:
        context.out.text("There is no backup yet.")
    else:
        context.out.text(f"Last backup {local_time(known.at)}: {counted(known.messages, 'message')}, verified.")
    if known.problem and not options.json:
        context.out.say(f"qtmail: {known.problem}")
    return Exit.DONE if known.at and not known.problem else Exit.FAILED

"""`qtmail import PATH --into FOLDER`: mbox, Maildir, MH, .eml, Thunderbird, Apple Mail, Outlook; with their folders."""

import argparse
from pathlib import Path
from typing import Any

from qtmail.commands import attachments
from qtmail.commands.context import Context
from qtmail.commands.output import counted
from qtmail.commands.stoppable import stoppable
from qtmail.commands.table import Exit
from qtmail.engine import mailfiles, unpacking
from qtmail.engine.intake import ImportReport, Progress, report_text
from qtmail.engine.mailfiles import KIND_NAMES, Source, Variant


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", type=Path, help="a file or folder; zip and tar archives of them, too")
    parser.add_argument("--into", metavar="FOLDER", help="ACCOUNT/path, as “qtmail folders” prints it")
    parser.add_argument("--look", action="store_true", help="only say what is there")
    parser.add_argument("--mbox", choices=list(Variant), help="the form of mbox, where it cannot be told from the file")
    parser.add_argument("--report", metavar="FILE", type=Path, help="write the whole report there")
    attachments.configure(parser)
    parser.add_argument("--json", action="store_true", help="one JSON value")
    parser.add_argument("--watched", action="store_true", help=argparse.SUPPRESS)


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Take them in; one that is in the folder already is passed over, so doing it again goes on where it was."""
    if not options.look and not options.into:
        context.out.say("qtmail: Where shall it go? Name a folder with --into.")
        return Exit.WRONG_USE
    with unpacking.unpacked(options.path) as path:
        source = mailfiles.detect(path)
        return _look(context, options, source) if options.look else _take_in(context, options, source)


def _take_in(context: Context, options: argparse.Namespace, source: Source) -> Exit:
    into = context.mail.folder_named(options.into)

    def progress(told: Progress) -> None:
        if options.watched:
            context.out.json({"is": "progress", **told._asdict()})
        else:
            percent = 100 * told.octets // max(told.octets_total, 1)
            context.out.say(f"{told.folder}: {told.read:,} read, {told.new:,} new, {percent} %")

    form = Variant(options.mbox) if options.mbox else None
    with stoppable(watched=options.watched) as stop:
        report = context.mail.take_in(source, into.id, progress, stop, form, options.path)
    report.source = options.path
    left = 0 if options.watched or report.stopped else attachments.read(context, everything=options.attachments)
    if options.report:
        options.report.write_text(report_text(report), "utf-8")
    if options.json or options.watched:
        context.out.json({**shape(options.into, report), "attachments_left": left})
    else:
        context.out.say(f"{report.new:,} new, {report.there:,} already there.")
    for problem in report.problems if not options.watched else ():
        context.out.say(f"qtmail: {problem}")
    if report.stopped:
        context.out.say("qtmail: Stopped. What was taken in stays; the same again brings the rest.")
        return Exit.INTERRUPTED
    if not report.problems:
        return Exit.DONE
    return Exit.PARTLY if report.new or report.there else Exit.FAILED


def shape(into: str, report: ImportReport) -> dict[str, Any]:
    """The JSON of a report."""
    return {
        "folder": into,
        "new": report.new,
        "already_there": report.there,
        "problems": list(report.problems),
        "kind": report.kind,
        "deleted_there": report.remarks.skipped,
        "unreadable": [{"where": one.where, "why": one.why} for one in report.remarks.unreadable],
        "folders": [{"folder": one.path, "new": one.new, "already_there": one.there} for one in report.folders],
        "stopped": report.stopped,
        "seconds": round(report.seconds, 2),
        "text": report_text(report),
    }


def _look(context: Context, options: argparse.Namespace, source: Source) -> Exit:
    counts = [(box, *mailfiles.count(box)) for box in source.boxes]
    if options.json:
        folders = [{"path": box.path, "messages": count, "exact": exact} for box, count, exact in counts]
        context.out.json({"kind": source.kind.value, "folders": folders, "octets": source.octets})
        return Exit.DONE
    total = sum(count for _box, count, _exact in counts)
    about = "" if all(exact for _box, _count, exact in counts) else "about "
    context.out.text(f"{KIND_NAMES[source.kind]}: {about}{counted(total, 'message')}.")
    context.out.table(
        [(box.path or "(the folder itself)", f"{'' if exact else '~'}{count:,}") for box, count, exact in counts],
        frozenset({1}),
    )
    return Exit.DONE

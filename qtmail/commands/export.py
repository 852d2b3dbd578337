"""`qtmail export FOLDER PATH --format mbox|maildir|eml|pdf`: a folder, what a search finds, or single messages out into
files; an mbox also into stdout."""

import argparse
import sys
from pathlib import Path

from qtmail.commands.context import Context
from qtmail.commands.output import counted
from qtmail.commands.stoppable import stoppable
from qtmail.commands.table import Exit
from qtmail.engine.mailfiles import Variant, write_mbox
from qtmail.engine.outgo import Exported, ExportReport, Going
from qtmail.errors import BadInput, Cancelled
from qtmail.model import RowId

FORMS = ("mbox", "maildir", "eml", "pdf")
_ALL = 10_000_000


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", nargs="?", help="ACCOUNT/path, as “qtmail folders” prints it")
    where = "a file (mbox; - is stdout) or a folder (maildir, eml, pdf) to be made"
    parser.add_argument("path", metavar="PATH", type=Path, help=where)
    parser.add_argument("--search", metavar="QUERY", help="what this finds, in place of a folder")
    parser.add_argument("--ids", metavar="ID,ID…", help="these messages, in place of a folder")
    parser.add_argument("--below", action="store_true", help="with the folders inside it")
    parser.add_argument("--format", choices=FORMS, required=True, help="how to write it")
    parser.add_argument("--mbox", choices=list(Variant), help="the form of mbox (mboxrd, which loses nothing)")
    parser.add_argument("--json", action="store_true", help="one JSON value")
    parser.add_argument("--watched", action="store_true", help=argparse.SUPPRESS)


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Write them; messages whose body is not here yet are counted, and make it partly done."""
    what = _what(context, options)
    variant = Variant(options.mbox) if options.mbox else None
    if str(options.path) == "-":
        return _to_stdout(context, options, what, variant or Variant.MBOXRD)

    def progress(told: Going) -> None:
        if options.watched:
            context.out.json({"is": "progress", **told._asdict()})
        else:
            context.out.say(f"{told.done:,} of {told.total:,} written ...")

    try:
        with stoppable(watched=options.watched) as stop:
            if options.format == "pdf":
                from qtmail.ui.reader import pdf_files  # the only part of a command that needs Qt

                report = pdf_files.export(context.mail, what, options.path, progress, stop)
            else:
                report = context.mail.export(what, options.path, options.format, progress, stop, variant)
    except Cancelled as stopped:
        context.out.say(f"qtmail: {stopped}")
        return Exit.INTERRUPTED
    _tell(context, options, report)
    return _say_left(context, report.left_out)


def _what(context: Context, options: argparse.Namespace) -> Exported:
    """Raises BadInput unless exactly one of folder, search and ids is named."""
    given = [one for one in (options.folder, options.search, options.ids) if one is not None]
    if len(given) != 1:
        raise BadInput("Name a folder, or --search, or --ids: one of them.", hint="See qtmail export --help.")
    if options.folder is not None:
        return Exported((context.mail.folder_named(options.folder).id,), below=options.below)
    if options.ids is not None:
        try:
            return Exported(rows=tuple(RowId(int(one)) for one in options.ids.replace(",", " ").split()))
        except ValueError as error:
            raise BadInput("--ids takes numbers, as “qtmail list” prints them.") from error
    found = context.mail.search(options.search, limit=_ALL)
    return Exported(rows=tuple(RowId(row) for row in reversed(found)))


def _tell(context: Context, options: argparse.Namespace, report: ExportReport) -> None:
    if options.json or options.watched:
        context.out.json(
            {
                "folder": options.folder or "",
                "path": str(options.path),
                "written": report.written,
                "left_out": report.left_out,
                "files": report.files,
                "seconds": round(report.seconds, 2),
            }
        )
    else:
        context.out.say(f"{counted(report.written, 'message')} written to {options.path}.")


def _to_stdout(context: Context, options: argparse.Namespace, what: Exported, variant: Variant) -> Exit:
    if options.format != "mbox" or options.json or what.below:
        raise BadInput("Only an mbox can be written to stdout, and no JSON beside it.", hint="Name a file or a folder.")
    rows = what.rows or context.mail.rows_of(what.folders[0])
    sys.stdout.flush()
    written = write_mbox(context.mail.to_write(rows), sys.stdout.buffer, variant=variant)
    return _say_left(context, len(rows) - written)


def _say_left(context: Context, left: int) -> Exit:
    if left:
        context.out.say(
            f"qtmail: {counted(left, 'message')} left out: only the header is here yet. “qtmail sync” gets the rest."
        )
    return Exit.PARTLY if left else Exit.DONE

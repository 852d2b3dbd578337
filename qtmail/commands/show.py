"""`qtmail show ID...`: messages as text, as HTML, as they came, or as JSON values, one a line."""

import argparse
from collections.abc import Callable

from qtmail.commands.context import Context
from qtmail.commands.output import octets
from qtmail.commands.shapes import existing, folder_names, message_value, pop_value
from qtmail.commands.table import Exit
from qtmail.engine.facade import BodyMissing
from qtmail.errors import MailError
from qtmail.model import Message, Row


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="+", help="as “qtmail list” prints it")
    form = parser.add_mutually_exclusive_group()
    for name, words in (
        ("text", "only the text"),
        ("html", "the HTML part as the sender wrote it"),
        ("headers", "all headers as they came"),
        ("source", "the bytes as they came"),
        ("json", "one JSON value a line"),
    ):
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=words)
    parser.set_defaults(form="page")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Print each; those that cannot be shown are named on stderr."""
    rows, missing = existing(context, options.ids)
    for row_id in missing:
        context.out.say(f"qtmail: There is no message {row_id}.")
    shown = 0
    names = folder_names(context)
    for row in rows.values():
        try:
            _FORMS[options.form](context, row, names.get(row.folder, ""))
            shown += 1
            _say_if_cut(context, row)
        except BodyMissing:
            context.out.say(f"qtmail: Only the header of message {row.id} is here yet. “qtmail sync” gets the rest.")
        except MailError as error:
            context.out.say(f"qtmail: Message {row.id}: {error.sentence()}")
    if shown == len(rows) and not missing:
        return Exit.DONE
    return Exit.PARTLY if shown else Exit.FAILED


def _say_if_cut(context: Context, row: Row) -> None:
    """That what was printed is not all of it."""
    there = context.reading.pop(row.id)
    if there is None or there.whole:
        return
    rest = f"“qtmail pop {row.id} rest” gets the rest" if there.there else "the server does not have it any more"
    context.out.say(f"qtmail: Only the beginning of message {row.id} ({octets(there.size)}) is here; {rest}.")


def _json(context: Context, row: Row, folder: str) -> None:
    value = message_value(row, folder, context.reading.message(row.id))
    there = context.reading.pop(row.id)
    context.out.json(value | {"pop": pop_value(there)} if there else value)


def _source(context: Context, row: Row, _folder: str) -> None:
    context.out.raw(context.reading.raw(row.id))


def _headers(context: Context, row: Row, _folder: str) -> None:
    from qtmail.mime.parse import header_block

    context.out.text(header_block(context.reading.raw(row.id)).rstrip("\r\n") + "\n")


def _html(context: Context, row: Row, _folder: str) -> None:
    html = context.reading.message(row.id).html
    if not html:
        raise MailError("It has no HTML part.", hint="Try --text.")
    context.out.text(html)


def _text(context: Context, row: Row, _folder: str) -> None:
    context.out.text(context.reading.message(row.id).text)


def _page(context: Context, row: Row, folder: str) -> None:
    message = context.reading.message(row.id)
    context.out.text("\n".join([*_head(message, row, folder), "", message.text.rstrip(), ""]))
    for part in message.parts:
        context.out.text(f"[{part.name or 'unnamed'}, {part.type}, {octets(part.size)}]")


def _head(message: Message, row: Row, folder: str) -> list[str]:
    from qtmail.commands.output import local_time
    from qtmail.mime.address import display

    people = (("From", message.from_), ("To", message.to), ("Cc", message.cc), ("Bcc", message.bcc))
    lines = [f"{name}: {', '.join(display(one) for one in found)}" for name, found in people if found]
    lines += [f"Subject: {message.subject}", f"Date: {local_time(message.date) or 'none'}", f"Folder: {folder}"]
    lines += [f"Flags: {' '.join(sorted(row.flags))}"] if row.flags else []
    return lines + [f"Warning: {warning}" for warning in message.warnings]


_FORMS: dict[str, Callable[[Context, Row, str], None]] = {
    "page": _page,
    "text": _text,
    "html": _html,
    "headers": _headers,
    "source": _source,
    "json": _json,
}

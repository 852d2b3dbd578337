"""`qtmail show ID...`: messages as text, as HTML, as they came, or as JSON values, one a line."""

import argparse
from collections.abc import Callable

from qtmail.commands.beyond_shapes import beyond_values
from qtmail.commands.context import Context
from qtmail.commands.output import octets
from qtmail.commands.shapes import existing, folder_names, message_value, pop_value, standing_value
from qtmail.commands.table import Exit
from qtmail.engine.facade import BodyMissing
from qtmail.engine.pop3_shown import OnPopServer
from qtmail.errors import MailError
from qtmail.model import Address, Message, Row


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="+", help="as “qtmail list” prints it")
    form = parser.add_mutually_exclusive_group()
    for name, words in (
        ("text", "only the text"),
        ("html", "the document the reader draws: made safe, nothing in it leaves the message"),
        ("headers", "all headers as they came"),
        ("source", "the bytes as they came"),
        ("json", "one JSON value a line"),
    ):
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=words)
    parser.add_argument("--thread", action="store_true", help="and the whole conversation each is in, oldest first")
    parser.set_defaults(form="page")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Print each; those that cannot be shown are named on stderr."""
    mail = context.mail  # all of the facade at once, not first the half that lists
    rows, missing = existing(context, options.ids)
    if options.thread:
        while mail.catch_up_conversations():
            pass
        rows = mail.rows(dict.fromkeys(member for row in rows for member in mail.thread(row) or (row,)))
    for row_id in missing:
        context.out.say(f"qtmail: There is no message {row_id}.")
    shown = 0
    names = folder_names(context)
    for row in rows.values():
        try:
            _FORMS[options.form](context, row, names.get(row.folder, ""))
            shown += 1
            _say_if_cut(context, mail.pop(row.id), row)
        except BodyMissing:
            context.out.say(
                f"qtmail: Only the header of message {row.id} is here. “qtmail sync” gets the rest, "
                "or if it is left out to save room: open it in the window."
            )
        except MailError as error:
            context.out.say(f"qtmail: Message {row.id}: {error.sentence()}")
    if shown == len(rows) and not missing:
        return Exit.DONE
    return Exit.PARTLY if shown else Exit.FAILED


def _say_if_cut(context: Context, there: OnPopServer | None, row: Row) -> None:
    """That what was printed is not all of it."""
    if there is None or there.whole:
        return
    rest = f"“qtmail pop {row.id} rest” gets the rest" if there.there else "the server does not have it any more"
    context.out.say(f"qtmail: Only the beginning of message {row.id} ({octets(there.size)}) is here; {rest}.")


def _message(context: Context, row: Row) -> Message:
    """Parsed, in the charset that the user chose for it, if so."""
    charset = context.mail.choices(row.id).charset
    return context.mail.message_in(row.id, charset) if charset else context.mail.message(row.id)


def _json(context: Context, row: Row, folder: str) -> None:
    message = _message(context, row)
    author = message.from_[0] if message.from_ else Address("", "")
    value = message_value(row, folder, message)
    standing = context.mail.standing(row.id, author)
    value["authentication"] = standing_value(standing)
    value |= beyond_values(context.mail.beyond(row.id, message, standing))
    there = context.mail.pop(row.id)
    context.out.json(value | {"pop": pop_value(there)} if there else value)


def _source(context: Context, row: Row, _folder: str) -> None:
    context.out.raw(context.mail.raw(row.id))


def _headers(context: Context, row: Row, _folder: str) -> None:
    from qtmail.mime.parse import header_block

    context.out.text(header_block(context.mail.raw(row.id)).rstrip("\r\n") + "\n")


def _html(context: Context, row: Row, _folder: str) -> None:
    from qtmail.mime.shown import document

    context.out.text(document(_message(context, row), row.id))


def _text(context: Context, row: Row, _folder: str) -> None:
    context.out.text(_message(context, row).text)


def _page(context: Context, row: Row, folder: str) -> None:
    message = _message(context, row)
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
    lines += [f"Warning: {warning}" for warning in message.warnings]
    return lines + [f"Note: {note}" for note in message.notes]


_FORMS: dict[str, Callable[[Context, Row, str], None]] = {
    "page": _page,
    "text": _text,
    "html": _html,
    "headers": _headers,
    "source": _source,
    "json": _json,
}

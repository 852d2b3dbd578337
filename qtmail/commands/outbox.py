"""`qtmail outbox`: what waits to be sent, and what to do with it; the answer to "was it sent?" is given here too."""

import argparse
import re
from datetime import datetime, timedelta
from typing import Any

from qtmail.commands.context import Context
from qtmail.commands.output import iso, local_time
from qtmail.commands.table import Exit
from qtmail.errors import BadInput
from qtmail.model import OutboxItem, RowId, SendState

_STATES = {
    SendState.QUEUED: "waiting",
    SendState.NOT_BEFORE: "will be sent {}",
    SendState.HELD: "held: “qtmail outbox send ID” sends it",
    SendState.CONNECTING: "being sent",
    SendState.ENVELOPE: "being sent",
    SendState.DATA: "being sent",
    SendState.DEFERRED: "not sent yet, next try {}",
    SendState.REFUSED: "refused",
    SendState.UNCERTAIN: "nobody knows: “outbox arrived ID” if it did, “outbox send ID” if it did not",
}
_OF_ALL = ("pause", "resume")
_OF_REFUSED = ("again", "dismiss")
_ACTS = ("send", "arrived", "hold", "later", "first", "delete", *_OF_REFUSED, *_OF_ALL)
_EPILOG = """again: to the recipients who were refused when the others got it, once more; dismiss: no word of them any
more."""
_AFTER = re.compile(r"\+(\d{1,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("act", nargs="?", choices=_ACTS, help="what to do; without it the Outbox is listed")
    parser.add_argument("id", nargs="?", type=int, metavar="ID", help="of the message, as listed")
    parser.add_argument("when", nargs="?", metavar="WHEN", help="for later: 2026-12-24T08:00, or +30m, +2h, +1d")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """List, or do one thing. Raises BadInput, NotUndoable."""
    if wrong := _wrong_use(options):
        context.out.say(f"qtmail outbox: {wrong}")
        return Exit.WRONG_USE
    if options.act in _OF_ALL:
        context.mail.pause_outbox(options.act == "pause")
    elif options.act:
        _one(context, options)
    _list(context, as_json=options.json)
    return Exit.DONE


def _wrong_use(options: argparse.Namespace) -> str:
    """What is missing or too much; empty where it can be done."""
    if options.act in _OF_ALL and options.id is not None:
        return f"“{options.act}” is about the whole Outbox and takes no ID."
    if options.act not in (None, *_OF_ALL) and options.id is None:
        return f"“{options.act}” needs the ID of a message, as “qtmail outbox” lists it."
    if options.act == "later" and not options.when:
        return "“later” needs a time after the ID: 2026-12-24T08:00, or +30m, +2h, +1d."
    return ""


def _one(context: Context, options: argparse.Namespace) -> None:
    mail = context.mail
    item = mail.outbox_item(RowId(options.id)) if options.id is not None else None
    if item is None or (item.state is SendState.ACCEPTED and options.act not in _OF_REFUSED):
        raise BadInput("This message is not in the Outbox.", hint="“qtmail outbox” lists what is there.")
    match options.act:
        case "send":
            mail.retry_now(item.id)
        case "arrived":
            if item.state is not SendState.UNCERTAIN:
                raise BadInput("There is no doubt about this message.")
            mail.settle_as_sent(item.id)
        case "hold":
            mail.hold(item.id)
        case "later":
            mail.send_at(item.id, _moment(options.when or ""))
        case "first":
            mail.arrange_outbox([item.id, *(one.id for one in mail.outbox() if one.id != item.id)])
        case "delete":
            mail.delete([item.row])
        case "again":
            mail.send_to_refused(item.id)
        case "dismiss":
            mail.note_refused(item.id)


def _moment(text: str) -> int:
    """Seconds since the epoch; local time where no zone is written."""
    found = _AFTER.fullmatch(text)
    try:
        if found:
            return int((datetime.now() + timedelta(**{_UNITS[found[2]]: int(found[1])})).timestamp())
        return int(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError, OSError) as error:
        raise BadInput(f"“{text}” is not a time.", hint="Write 2026-12-24T08:00, or +30m, +2h, +1d.") from error


def _list(context: Context, *, as_json: bool) -> None:
    mail = context.mail
    items, paused, refused = mail.outbox(), mail.outbox_paused(), mail.refusals()
    rows = mail.rows([item.row for item in (*items, *refused)])
    if as_json:
        subjects = {row: found.subject for row, found in rows.items()}
        values = {
            name: [_value(context, one, subjects) for one in found]
            for name, found in (("items", items), ("partly_refused", refused))
        }
        context.out.json({"paused": paused, **values})
        return
    if paused:
        context.out.say("The Outbox is paused: “qtmail outbox resume” lets it go on.")
    if not items:
        context.out.say("Nothing is waiting to be sent.")
    lines = []
    for item in (*items, *refused):
        row = rows.get(item.row)
        lines.append((str(item.row), _words(item), row.correspondent if row else "", row.subject if row else ""))
    context.out.table(lines, frozenset({0}))


def _words(item: OutboxItem) -> str:
    if item.state is SendState.ACCEPTED:
        names = ", ".join(one.address for one in item.refused)
        return f"sent, but not to {names}: “outbox again ID” or “outbox dismiss ID”"
    at = item.not_before if item.state is SendState.NOT_BEFORE else item.next_attempt
    return _STATES[item.state].format(local_time(at))


def _value(context: Context, item: OutboxItem, subjects: dict[RowId, str]) -> dict[str, Any]:
    later = item.state is SendState.NOT_BEFORE
    return {
        "id": item.row,
        "state": item.state.value,
        "subject": subjects.get(item.row, ""),
        "message_id": item.message_id,
        "account": context.account_names.get(item.account, ""),
        "not_before": iso(item.not_before) if later else None,
        "next_try": iso(item.next_attempt) if item.state is SendState.DEFERRED else None,
        "reply": item.reply,
        "recipients": [{"address": one.address, "state": one.state, "reply": one.reply} for one in item.recipients],
    }

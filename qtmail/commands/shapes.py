"""The JSON shapes of design 7 and the ids they print: values made here, ids and names read back here."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qtmail.commands.output import clip, iso, local_time
from qtmail.errors import BadInput
from qtmail.model import Address, Flag, Folder, FolderId, Keep, Message, Part, Row, RowId

if TYPE_CHECKING:
    from qtmail.commands.context import Context
    from qtmail.engine.pop3_shown import OnPopServer
    from qtmail.engine.viewing import Standing
    from qtmail.operations import SavedSearch

SUBJECT_WIDTH = 70
NAME_WIDTH = 24


def row_ids(words: Iterable[str]) -> tuple[RowId, ...]:
    """Ids as `list` printed them. Raises BadInput for what is not a number."""
    found = []
    for word in words:
        if not (word.isascii() and word.isdigit() and len(word) < 19):
            raise BadInput(f"“{word}” is not the id of a message.", hint="“qtmail list FOLDER” prints the ids.")
        found.append(RowId(int(word)))
    return tuple(found)


def existing(context: "Context", words: Iterable[str]) -> tuple[dict[RowId, Row], tuple[RowId, ...]]:
    """The rows of these ids, in the order given, and the ids of which there is no row."""
    ids = tuple(dict.fromkeys(row_ids(words)))
    rows = context.reading.rows(ids)
    return {i: rows[i] for i in ids if i in rows}, tuple(i for i in ids if i not in rows)


def folder_names(context: "Context") -> dict[FolderId, str]:
    """Every folder as it is named on the command line."""
    return {folder.id: context.folder_name(folder) for folder in context.reading.folders()}


def folder_value(folder: Folder, name: str, keep: Keep) -> dict[str, Any]:
    """`keep`: what its account says."""
    return {
        "folder": name,
        "role": folder.role.value,
        "total": folder.total,
        "unread": folder.unread,
        "uidvalidity": folder.uidvalidity,
        "bodies_missing": folder.bodies_missing,
        "complete_offline": folder.bodies_missing == 0 and folder.left_out == 0,
        "left_out": folder.left_out,
        "policy": str(folder.keep or keep),
        "subscribed": folder.subscribed,
        "verified_at": iso(folder.verified_at),
    }


def search_value(one: "SavedSearch", total: int, unread: int) -> dict[str, Any]:
    """A saved search among the folders."""
    return {"folder": one.name, "role": "search", "query": one.query, "total": total, "unread": unread}


def row_value(row: Row, folder: str, author: Address) -> dict[str, Any]:
    return {
        "id": row.id,
        "folder": folder,
        "subject": row.subject,
        "from": str(author),
        "date": iso(row.date),
        "received": iso(row.received),
        "size": row.size,
        "flags": sorted(row.flags),
        "preview": row.preview,
        "attachments": row.attachments,
        "message_id": row.message_id,
        "has_body": row.has_body,
    }


def address_values(addresses: Iterable[Address]) -> list[dict[str, str]]:
    return [{"name": address.name, "address": address.address} for address in addresses]


def part_value(part: Part) -> dict[str, Any]:
    return {"name": part.name, "type": part.type, "size": part.size, "inline": part.inline}


def message_value(row: Row, folder: str, message: Message) -> dict[str, Any]:
    return {
        "id": row.id,
        "folder": folder,
        "subject": message.subject,
        "from": address_values(message.from_),
        "to": address_values(message.to),
        "cc": address_values(message.cc),
        "bcc": address_values(message.bcc),
        "reply_to": address_values(message.reply_to),
        "date": iso(message.date, message.date_zone),
        "received": iso(row.received),
        "message_id": message.message_id,
        "in_reply_to": list(message.in_reply_to),
        "references": list(message.references),
        "size": row.size,
        "flags": sorted(row.flags),
        "parts": [part_value(part) for part in message.parts],
        "text": message.text,
        "warnings": list(message.warnings),
        "notes": list(message.notes),
    }


def standing_value(standing: "Standing") -> dict[str, Any]:
    """What is known of the author; "server" is empty where our mail server said nothing of them."""
    known = standing.known
    return {
        "server": known.server,
        "verdict": known.verdict.value,
        "signed_by": known.signed_by,
        "checks": [{"method": one.method, "result": one.result, "domain": one.domain} for one in known.checks],
        "hops": known.hops,
        "hops_encrypted": known.hops_encrypted,
        "mails_from": standing.heard,
        "mails_to": standing.wrote,
    }


def pop_value(there: "OnPopServer") -> dict[str, Any]:
    return {
        "uidl": there.uidl,
        "state": there.state,
        "on_server": there.there,
        "decided": there.decided,
        "wish": there.wish,
        "whole": there.whole,
        "rest_wanted": there.wanted,
        "size": there.size,
        "stored_at": iso(there.stored_at),
        "dele_sent_at": iso(there.asked_at),
        "quit_answered_at": iso(there.answered_at),
        "ended_at": iso(there.ended_at),
    }


def print_rows(
    context: "Context",
    ids: Sequence[int],
    *,
    as_json: bool,
    with_folder: bool,
    inside: Mapping[RowId, str] | None = None,
) -> None:
    """A list of messages, one JSON value or one line each. Reads a screenful at a time. `inside`: those found by what
    an attachment says, with its name."""
    inside = inside or {}
    names = folder_names(context)
    found: list[Row] = []
    for start in range(0, len(ids), 500):
        part = [RowId(i) for i in ids[start : start + 500]]
        rows = context.reading.rows(part)
        found += (rows[i] for i in part if i in rows)
    if as_json:
        authors = context.reading.authors([row.id for row in found])
        nobody = Address("", "")
        values = [row_value(row, names.get(row.folder, ""), authors.get(row.id, nobody)) for row in found]
        for row, value in zip(found, values, strict=True):
            if row.id in inside:
                value["found_in"] = inside[row.id]
        context.out.json(values)
        return
    if not found:
        context.out.say("There are no messages.")
    context.out.table(
        [
            [*_line(row, names.get(row.folder, "") if with_folder else ""), *([_place(row, inside)] if inside else [])]
            for row in found
        ],
        right=frozenset({0}),
    )


def _place(row: Row, inside: Mapping[RowId, str]) -> str:
    return f"in attachment {clip(inside[row.id], NAME_WIDTH)}".rstrip() if row.id in inside else ""


def _line(row: Row, folder: str) -> list[str]:
    marks = ("•" if row.unread else " ") + ("★" if Flag.FLAGGED in row.flags else " ")
    marks += "@" if row.attachments else " "
    line = [str(row.id), marks, local_time(row.date), clip(row.correspondent or row.address, NAME_WIDTH)]
    return [*line, *([folder] if folder else []), clip(row.subject, SUBJECT_WIDTH) or "(no subject)"]

"""How a list of conversations is printed."""

from typing import TYPE_CHECKING, Any

from qtmail.commands.output import clip, iso, local_time
from qtmail.commands.shapes import NAME_WIDTH, SUBJECT_WIDTH

if TYPE_CHECKING:
    from qtmail.model import Row
    from qtmail.store.conversations import Conversation


def conversation_value(one: "Conversation", newest: "Row", folder: str) -> dict[str, Any]:
    """`ids`: its messages in this folder; `members`: one row of each message, those of other folders too; both newest
    first."""
    return {
        "id": one.head,
        "thread": one.thread,
        "folder": folder,
        "subject": newest.subject,
        "date": iso(newest.date),
        "count": one.count,
        "unread": one.unread,
        "participants": list(one.participants),
        "starred": one.starred,
        "attachments": one.attachments,
        "muted": one.muted,
        "preview": newest.preview,
        "ids": list(one.rows),
        "members": list(one.members),
    }


def conversation_line(one: "Conversation", newest: "Row") -> list[str]:
    """Marks, date of the newest, who wrote, how many messages, subject."""
    marks = ("•" if one.unread else " ") + ("★" if one.starred else " ") + ("@" if one.attachments else " ")
    count = f"{one.count:,}" if one.count > 1 else ""
    muted = "(muted) " if one.muted else ""
    names = clip(", ".join(one.participants), NAME_WIDTH)
    subject = clip(newest.subject, SUBJECT_WIDTH) or "(no subject)"
    return [str(one.head), marks, local_time(newest.date), names, count, muted + subject]

"""The columns of the message list: each an object, remembered by key, never by number."""

from collections.abc import Callable
from dataclasses import dataclass

from qtmail.model import Flag, Row, SortKey
from qtmail.ui import dates


def size_words(octets: int) -> str:
    """“812 B”, “14 kB”, “3.2 MB”."""
    if octets < 1000:
        return f"{octets} B"
    if octets < 1_000_000:
        return f"{octets / 1000:.0f} kB"
    return f"{octets / 1_000_000:.1f} MB"


@dataclass(frozen=True, slots=True)
class Column:
    """`width` in px at first; 0: takes the rest. `icon`: shown in the header in place of the title."""

    key: str
    title: str
    sort: SortKey
    width: int
    text: Callable[[Row], str]
    """For screen readers, copying and tests."""
    icon: str = ""
    share: float = 0.0
    """Of the list's width, in place of `width`, as long as the user has not set another."""
    right: bool = False
    shown: bool = True
    falling: bool = True
    """The order of the first click."""


def _subject(row: Row) -> str:
    return row.subject or "(no subject)"


def who(row: Row) -> str:
    """Who it is from; in Sent and Drafts, to whom."""
    return row.correspondent or row.address or "(nobody named)"


def _replied(row: Row) -> str:
    if Flag.ANSWERED in row.flags:
        return "replied"
    return "forwarded" if Flag.FORWARDED in row.flags else ""


COLUMNS: tuple[Column, ...] = (
    Column("unread", "Unread", SortKey.UNREAD, 28, lambda row: "unread" if row.unread else _replied(row), "mail"),
    Column("star", "Starred", SortKey.STAR, 28, lambda row: "starred" if row.starred else "", "star"),
    Column(
        "attachment", "Attachments", SortKey.ATTACHMENT, 28,
        lambda row: f"{row.attachments} attached" if row.attachments else "", "paperclip",
    ),
    Column(
        "correspondent", "Correspondent", SortKey.CORRESPONDENT, 180, who, share=0.22, falling=False,
    ),
    Column("subject", "Subject", SortKey.SUBJECT, 0, _subject, falling=False),
    Column("size", "Size", SortKey.SIZE, 76, lambda row: size_words(row.size), right=True, shown=False),
    Column("date", "Date", SortKey.DATE, 92, lambda row: dates.short(row.date), right=True),
)  # fmt: skip

BY_KEY: dict[str, int] = {column.key: place for place, column in enumerate(COLUMNS)}
"""Logical index of a column's key."""

"""Outlook's data files (.pst, .ost) through libpff, where it is installed (the extra "pst").

Such a file holds no messages as they travelled, only their parts: the header is kept where it came from the internet,
the rest is put together again. Without the library the user is told of readpst, which makes mbox files of it.
"""

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Any

from qtmail.engine.mailfiles.maildir import shown
from qtmail.engine.mailfiles.values import Box, Found, Kind, Remarks
from qtmail.errors import BadInput
from qtmail.mime.charset import decode
from qtmail.model import Flag

_MAGIC = b"!BDN"
_WRITTEN_ANEW = frozenset({"mime-version", "content-type", "content-transfer-encoding", "content-disposition"})
# MAPI properties (MS-OXPROPS)
_MESSAGE_FLAGS, _READ, _UNSENT = 0x0E07, 0x1, 0x8
_FLAG_STATUS, _FOLLOW_UP = 0x1090, 2
_LAST_VERB, _REPLIED, _FORWARDED = 0x1081, frozenset({102, 103}), 104
_SENDER_ADDRESS, _SMTP_SENDER = 0x0C1F, 0x5D01
_RECIPIENT_TYPE, _NAME, _ADDRESS, _SMTP_ADDRESS = 0x0C15, 0x3001, 0x3003, 0x39FE
_FILE_NAME, _SHORT_NAME, _MIME_TYPE, _CONTENT_ID = 0x3707, 0x3704, 0x370E, 0x3712


def is_pst(head: bytes) -> bool:
    return head.startswith(_MAGIC)


def boxes(path: Path) -> Iterator[Box]:
    """Its folders that hold something. Raises BadInput without the library, or where the file is damaged."""
    with _Opened(path) as file:
        for name, folder in _folders(file.root_folder, ""):
            if folder.number_of_sub_messages:
                yield Box(Kind.PST, path, name, folder.number_of_sub_messages)


def count(box: Box) -> int:
    """How many messages it has."""
    return box.octets


def read(box: Box, remarks: Remarks) -> Iterator[Found]:
    """Its messages, put together from their parts."""
    with _Opened(box.place) as file:
        folder = dict(_folders(file.root_folder, ""))[box.path]
        for number in range(folder.number_of_sub_messages):
            where = f"{box.path} ({number + 1})"
            try:
                yield _message(folder.get_sub_message(number), where)
            except (OSError, ValueError, LookupError, UnicodeError) as error:
                remarks.cannot(where, f"cannot be read: {error}.")


class _Opened:
    """The file, opened by the library."""

    def __init__(self, path: Path) -> None:
        try:
            library = importlib.import_module("pypff")
        except ImportError as error:
            raise BadInput(
                "Outlook's data files need the library libpff, which is not installed here.",
                hint="Install qtmail[pst], or make mbox files of it with “readpst -r FILE” and import their folder.",
            ) from error
        self._path = path
        self._file: Any = library.file()

    def __enter__(self) -> Any:
        try:
            self._file.open(str(self._path))
        except OSError as error:
            raise BadInput(
                f"{self._path.name} cannot be read as an Outlook data file.",
                hint="Close Outlook first; it repairs damaged files with its tool scanpst.",
            ) from error
        return self._file

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _folders(folder: Any, path: str) -> Iterator[tuple[str, Any]]:
    for number in range(folder.number_of_sub_folders):
        child = folder.get_sub_folder(number)
        name = shown(child.name or f"Folder {number + 1}")
        # Outlook keeps everything in one folder below the root that has no meaning outside of it.
        outer = not path and not folder.name
        inside = "" if outer and child.number_of_sub_folders and not child.number_of_sub_messages else name
        full = f"{path}/{inside}".strip("/")
        if full:
            yield full, child
        yield from _folders(child, full) if full else _below_top(child)


def _below_top(folder: Any) -> Iterator[tuple[str, Any]]:
    for number in range(folder.number_of_sub_folders):
        child = folder.get_sub_folder(number)
        name = shown(child.name or f"Folder {number + 1}")
        yield name, child
        yield from _folders(child, name)


def _message(message: Any, where: str) -> Found:
    told = _properties(message)
    mail = EmailMessage(policy=policy.SMTP)
    for name, value in _header(message, told):
        if name.lower() not in _WRITTEN_ANEW:
            mail._headers.append((name, value))  # type: ignore[attr-defined]  # as it is: setting one may refuse real mail
    _fill(mail, message)
    when = message.delivery_time or message.client_submit_time or message.creation_time
    received = int(when.replace(tzinfo=UTC).timestamp()) if isinstance(when, datetime) else None
    return Found(mail.as_bytes(), _flags(told), received, where)


def _header(message: Any, told: dict[int, Any]) -> list[tuple[str, str]]:
    """As it came, or what Outlook knows of a message that never travelled."""
    text = message.transport_headers
    if text:
        lines = text.replace("\r\n", "\n").replace("\n\t", " ").replace("\n ", " ").split("\n")
        return [(name, value.strip()) for name, colon, value in (line.partition(":") for line in lines) if colon]
    found = [("Subject", message.subject or "")]
    sender = _text(told, _SMTP_SENDER) or _text(told, _SENDER_ADDRESS)
    found.append(("From", formataddr((message.sender_name or "", sender if "@" in sender else ""))))
    if isinstance(message.client_submit_time, datetime):
        found.append(("Date", format_datetime(message.client_submit_time.replace(tzinfo=UTC))))
    people: dict[int, list[str]] = {}
    for recipient in _sets(message.recipients):
        address = _text(recipient, _SMTP_ADDRESS) or _text(recipient, _ADDRESS)
        people.setdefault(_number(recipient, _RECIPIENT_TYPE), []).append(
            formataddr((_text(recipient, _NAME), address if "@" in address else ""))
        )
    found += [(name, ", ".join(people[kind])) for kind, name in ((1, "To"), (2, "Cc"), (3, "Bcc")) if kind in people]
    return found


def _fill(mail: EmailMessage, message: Any) -> None:
    """Text, HTML, then attachments."""
    text = _body(message.plain_text_body)
    html = _body(message.html_body)
    if text or not html:
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
    else:
        mail.set_content(html, subtype="html")
    for number in range(message.number_of_attachments):
        part = message.get_attachment(number)
        told = _properties(part)
        kind, _, sub = (_text(told, _MIME_TYPE) or "application/octet-stream").partition("/")
        name = _text(told, _FILE_NAME) or _text(told, _SHORT_NAME) or f"attachment {number + 1}"
        data = part.read_buffer(part.get_size()) if part.get_size() else b""
        if kind in {"message", "multipart"}:
            kind, sub = "application", "octet-stream"
        content_id = _text(told, _CONTENT_ID)
        mail.add_attachment(
            data,
            maintype=kind,
            subtype=sub or "octet-stream",
            filename=name,
            cid=f"<{content_id}>" if content_id else None,
        )


def _body(body: Any) -> str:
    return decode(body).replace("\r\n", "\n") if isinstance(body, bytes) else (body or "")


def _flags(told: dict[int, Any]) -> frozenset[str]:
    bits, verb = _number(told, _MESSAGE_FLAGS), _number(told, _LAST_VERB)
    found = {
        Flag.SEEN: bits & _READ,
        Flag.DRAFT: bits & _UNSENT,
        Flag.FLAGGED: _number(told, _FLAG_STATUS) == _FOLLOW_UP,
        Flag.ANSWERED: verb in _REPLIED,
        Flag.FORWARDED: verb == _FORWARDED,
    }
    return frozenset(flag for flag, on in found.items() if on)


def _properties(item: Any) -> dict[int, Any]:
    return next(iter(_sets(item)), {})


def _sets(item: Any) -> list[dict[int, Any]]:
    """Each record set of an item: property -> its entry."""
    if item is None:
        return []
    return [{entry.entry_type: entry for entry in record.entries} for record in item.record_sets]


def _text(told: dict[int, Any], key: int) -> str:
    entry = told.get(key)
    try:
        return (entry.get_data_as_string() or "") if entry is not None else ""
    except (OSError, ValueError):
        return ""


def _number(told: dict[int, Any], key: int) -> int:
    entry = told.get(key)
    try:
        return int(entry.get_data_as_integer()) if entry is not None else 0
    except (OSError, ValueError, TypeError):
        return 0

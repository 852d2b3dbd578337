"""Reads the sample mail from resources/demo and makes real messages of it.

A file holds one account's mail. A line "@ FOLDER  AGE  MARKS" begins a message; header lines, an empty line and the
text follow; a paragraph is one line. AGE is "35m", "3h" or "2d 09:14" (days ago, at that time). MARKS are words:
unread, star, answered, forwarded, draft. Header lines that begin with "!" are for this module:

    !id NAME          what other messages call this one        !html NAME       an HTML body: resources/demo/NAME
    !reply NAME       it answers that one                      !inline A, B     pictures the HTML shows as cid:A
    !quote            with that one's text quoted below        !attach A, B     files of `files`
    !zone +0900       the sender's clock                       !charset NAME    of the text part
    !only-html        no text part

In From, To and Cc a bare name stands for its entry in people.toml.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path

from qtmail.demo import files
from qtmail.model import Flag
from qtmail.paths import resources

MARKS = {"star": Flag.FLAGGED, "answered": Flag.ANSWERED, "forwarded": Flag.FORWARDED, "draft": Flag.DRAFT}
ADDRESS_HEADERS = {"From", "To", "Cc", "Reply-To"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One message as written down in a sample file."""

    folder: str
    age: str
    marks: frozenset[str]
    headers: tuple[tuple[str, str], ...]
    directives: dict[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A message ready to be put into a mailbox."""

    folder: str
    when: datetime
    flags: tuple[str, ...]
    content: bytes


def entries(text: str) -> Iterator[Entry]:
    """The messages of a sample file, as written. ValueError for a line that makes no sense."""
    for block in re.split(r"^@ ", text, flags=re.MULTILINE)[1:]:
        first, _, rest = block.partition("\n")
        folder, age, marks = re.fullmatch(r"(.+?)  (\d+[mh]|\d+d \d\d:\d\d)((?: +[a-z]+)*) *", first).groups()  # type: ignore[union-attr]
        head, _, body = rest.partition("\n\n")
        headers, directives = [], {}
        for line in head.splitlines():
            name, _, value = line.partition(" ")
            if name.startswith("!"):
                directives[name[1:]] = value.strip()
            else:
                headers.append((name.removesuffix(":"), value))
        yield Entry(folder, age, frozenset(marks.split()), tuple(headers), directives, body.strip("\n") + "\n")


def when(age: str, now: datetime) -> datetime:
    """The moment meant by AGE, never in the future."""
    if age[-1] in "mh":
        return now - timedelta(**{"minutes" if age[-1] == "m" else "hours": int(age[:-1])})
    days, _, clock = age.partition("d ")
    hour, minute = clock.split(":")
    return (now - timedelta(days=int(days))).replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)


class Builder:
    """Makes the messages of one account; knows the earlier ones, so that answers can refer to them."""

    def __init__(self, owner: str, now: datetime) -> None:
        self._owner = owner
        self._now = now
        self._folder = resources() / "demo"
        self._people: dict[str, str] = tomllib.loads((self._folder / "people.toml").read_text("utf-8"))
        self._made: dict[str, EmailMessage] = {}
        self._texts: dict[str, str] = {}
        self._count = 0

    def file(self, name: str) -> list[Sample]:
        """Every message of one sample file."""
        return [self.build(entry) for entry in entries((self._folder / name).read_text("utf-8"))]

    def build(self, entry: Entry) -> Sample:
        """The message itself."""
        moment = min(when(entry.age, self._now), self._now)
        message = EmailMessage(policy=SMTP)
        self._add_headers(message, entry, moment)
        text = entry.text
        if "quote" in entry.directives:
            text += self._quoted(entry.directives["reply"])
        self._add_body(message, entry, text)
        if "id" in entry.directives:
            self._made[entry.directives["id"]] = message
            self._texts[entry.directives["id"]] = text
        flags = [flag.value for mark, flag in MARKS.items() if mark in entry.marks]
        if "unread" not in entry.marks:
            flags.append(Flag.SEEN.value)
        return Sample(entry.folder, moment, tuple(flags), message.as_bytes())

    def _add_headers(self, message: EmailMessage, entry: Entry, moment: datetime) -> None:
        given = {name: self._expanded(value) if name in ADDRESS_HEADERS else value for name, value in entry.headers}
        sender = given.setdefault("From", self._owner)
        domain = parseaddr(sender)[1].rpartition("@")[2]
        received = entry.folder not in ("Sent", "Drafts")
        if received:
            message["Return-Path"] = f"<{parseaddr(sender)[1]}>"
            message["Received"] = f"from mail.{domain} by demo.example with ESMTPS; {format_datetime(moment)}"
            given.setdefault("To", self._owner)
        zone = entry.directives.get("zone")
        local = moment.astimezone(datetime.strptime(zone, "%z").tzinfo) if zone else moment
        message["Date"] = format_datetime(local)
        for name, value in given.items():
            message[name] = value
        self._count += 1
        slug = entry.directives.get("id", re.sub(r"\W", "", entry.folder.lower()))
        message["Message-ID"] = f"<{slug}.{self._count}.{moment:%y%m%d}@{domain}>"
        if "reply" in entry.directives:
            parent = self._made[entry.directives["reply"]]
            message["In-Reply-To"] = str(parent["Message-ID"])
            message["References"] = " ".join(filter(None, (parent.get("References"), parent["Message-ID"])))

    def _expanded(self, value: str) -> str:
        return ", ".join(self._people.get(one.strip(), one.strip()) for one in value.split(","))

    def _quoted(self, name: str) -> str:
        parent = self._made[name]
        author = parseaddr(str(parent["From"]))[0] or str(parent["From"])
        written = parent["Date"].datetime
        lines = self._texts[name].rstrip("\n").splitlines()
        quoted = "\n".join(("> " + line).rstrip() if not line.startswith(">") else ">" + line for line in lines)
        return f"\nOn {written:%d %B %Y at %H:%M}, {author} wrote:\n{quoted}\n"

    def _add_body(self, message: EmailMessage, entry: Entry, text: str) -> None:
        charset = entry.directives.get("charset", "utf-8")
        html = entry.directives.get("html")
        if html and "only-html" in entry.directives:
            message.set_content(self._html(html), subtype="html")
        else:
            message.set_content(text, charset=charset)
            if html:
                message.add_alternative(self._html(html), subtype="html")
        for name in _names(entry.directives.get("inline")):
            part = message.get_payload()[-1] if message.is_multipart() else message  # type: ignore[index]
            main, _, sub = files.mime_type(name).partition("/")
            data = files.content(name, self._now)
            part.add_related(data, main, sub, cid=f"<{name}>", filename=name, disposition="inline")  # type: ignore[union-attr]
        for name in _names(entry.directives.get("attach")):
            main, _, sub = files.mime_type(name).partition("/")
            message.add_attachment(files.content(name, self._now), main, sub, filename=name)

    def _html(self, name: str) -> str:
        return Path(self._folder / name).read_text("utf-8")


def _names(value: str | None) -> list[str]:
    return [name.strip() for name in value.split(",")] if value else []

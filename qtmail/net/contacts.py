"""Whom this program talked to: every host, when, what for and how much, in a file of lines that only grows.

One line when a contact begins, one when it ends; a line is written in one step, by any process and thread, before the
first octet leaves. The older half is dropped when the file has grown past `MOST_OCTETS`. Names of hosts only: no
address of a person, no path, nothing of a mail.

    {"id": "9f0c", "at": 1795492516, "why": "imap", "host": "imap.example.org", "port": 993}
    {"id": "9f0c", "in": 18223, "out": 902, "seconds": 12, "trouble": ""}
"""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

MOST_OCTETS = 4_000_000


class Why(StrEnum):
    """What a host was contacted for."""

    IMAP = "imap"
    POP3 = "pop3"
    SMTP = "smtp"
    SERVERS = "servers"
    """Finding the servers of an address."""
    DNS = "dns"
    """The same, at the system's name servers."""
    SIGN_IN = "sign-in"
    PICTURE = "picture"
    UNSUBSCRIBE = "unsubscribe"
    CERTIFICATE = "certificate"
    """Looking at a certificate that is not trusted."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One connection. `octets_in` and `octets_out` are what the network carried; `seconds` None: it has not ended, or
    the program was killed meanwhile."""

    at: int
    why: Why
    host: str
    port: int
    octets_in: int = 0
    octets_out: int = 0
    seconds: int | None = None
    trouble: str = ""
    """Why there was none, or how it broke; the kind of it alone."""


class Open:
    """A contact under way."""

    def __init__(self, why: Why, host: str, port: int) -> None:
        self._id = os.urandom(6).hex()
        self._began = time.monotonic()
        self._ended = False
        _write({"id": self._id, "at": int(time.time()), "why": why.value, "host": host[:255], "port": port})

    def end(self, octets_in: int = 0, octets_out: int = 0, trouble: str = "") -> None:
        """It is over; only the first call counts."""
        if not self._ended:
            self._ended = True
            seconds = round(time.monotonic() - self._began)
            _write({"id": self._id, "in": octets_in, "out": octets_out, "seconds": seconds, "trouble": trouble})


def keep_in(path: Path | None) -> None:
    """Where this process notes its contacts; None: nowhere."""
    global _path
    with _lock:
        _path = path


@contextlib.contextmanager
def noted(why: Why, host: str, port: int) -> Iterator[Open]:
    """Around a contact as a whole. What is raised is its trouble; `end` may have told its octets before."""
    contact = Open(why, host, port)
    try:
        yield contact
    except Exception as error:
        contact.end(trouble=type(error).__name__)
        raise
    finally:
        contact.end()


def read(path: Path) -> list[Contact]:
    """All that is known, the newest first. What is no line of ours is skipped."""
    begun: dict[str, dict[str, Any]] = {}
    for file in (_older(path), path):
        with contextlib.suppress(OSError):
            for line in file.read_bytes().splitlines():
                with contextlib.suppress(msgspec.DecodeError, KeyError):
                    told = msgspec.json.decode(line, type=dict[str, Any])
                    begun.setdefault(told["id"], {}).update(told)
    found = [contact for told in begun.values() if (contact := _contact(told))]
    return found[::-1]


def _contact(told: dict[str, Any]) -> Contact | None:
    try:
        return Contact(
            *(told["at"], Why(told["why"]), told["host"], told["port"]),
            *(told.get("in", 0), told.get("out", 0), told.get("seconds"), told.get("trouble", "")),
        )
    except (KeyError, ValueError):
        return None


def _older(path: Path) -> Path:
    return path.with_name(f"{path.stem}.1{path.suffix}")


_lock = threading.Lock()
_path: Path | None = None


def _write(line: dict[str, Any]) -> None:
    """Appended in one write: lines of several processes never mix. A full disk must not keep mail from coming."""
    with _lock, contextlib.suppress(OSError):
        if _path is None:
            return
        with contextlib.suppress(FileNotFoundError):
            if _path.stat().st_size > MOST_OCTETS:
                _path.replace(_older(_path))
        descriptor = os.open(_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, msgspec.json.encode(line) + b"\n")
        finally:
            os.close(descriptor)

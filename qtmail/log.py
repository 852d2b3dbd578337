"""The program's log: files in the profile, readable by the owner only, without a password in them.

Protocol conversations are not logged at all: imapclient logs whole lines at DEBUG, so its loggers stop at WARNING.
"""

import contextlib
import logging
import os
import re
import sys
import threading
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from qtmail.paths import Profile

_FORMAT = "%(asctime)s %(levelname)-7s %(process)d %(threadName)s %(name)s: %(message)s"
_MEGABYTE = 1024 * 1024
_BLOT = "●●●"
_SHORTEST = 4
"""Secrets below this length are not blotted out wherever they turn up: "a" would blot out everything."""
_CREDENTIALS = re.compile(
    r"""(?x) ( \b(?:LOGIN|APOP) [ ]+ (?:"(?:[^"\\]|\\.)*"|\S+) [ ]+
      | \bAUTH(?:ENTICATE)? [ ]+ [A-Z0-9-]+ [ ]+ | \bPASS [ ]+
      | (?i:\b(?:password|passwd|passphrase|secret|token) ['"]? \s* [=:] \s* ['"]? | \bbearer [ ]+ ) )
      ( "(?:[^"\\]|\\.)*" | [^\s'"]+ )"""
)
"""A command or assignment, then the credential after it."""
_URL = re.compile(r"(://[^/\s:@]{1,200}:)[^/\s@]{1,200}(@)")
_QUIET = ("imapclient", "imaplib", "asyncio", "chardet", "keyring", "httpx", "httpcore")

_secrets: set[str] = set()
_lock = threading.Lock()


def configure(profile: Profile, verbose: bool = False, *, name: str = "qtmail") -> None:
    """Log to `profile.logs/NAME.log` (rotating, 0600); WARNING and up to stderr too (`verbose`: INFO).

    `name`: one file a process ("qtmail" the window and commands, "engine"). Calling it again replaces the handlers.
    A log that cannot be written (full disk) never stops the program.
    """
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if getattr(handler, "of_qtmail", False)]:
        root.removeHandler(old)
        old.close()
    console: logging.Handler = logging.StreamHandler(sys.stderr)
    console.setLevel(logging.INFO if verbose else logging.WARNING)
    handlers = [console]
    try:
        profile.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        handlers.append(_PrivateFile(profile.logs / f"{name}.log", verbose))
    except OSError as error:
        console.handle(
            logging.makeLogRecord({"msg": f"no log file: {error}", "levelno": logging.WARNING, "levelname": "WARNING"})
        )
    for handler in handlers:
        handler.setFormatter(_Redacting(_FORMAT if handler is not console else "%(levelname)s: %(message)s"))
        handler.of_qtmail = True  # type: ignore[attr-defined]
        root.addHandler(handler)
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for quiet in _QUIET:
        logging.getLogger(quiet).setLevel(logging.WARNING)


def redact(secret: str) -> None:
    """From now on this string is blotted out of every record, wherever it turns up."""
    if len(secret) >= _SHORTEST:
        with _lock:
            _secrets.add(secret)


def clean(text: str) -> str:
    """The text without credentials: known secrets, and what follows LOGIN, AUTH, PASS and the like."""
    with _lock:
        known = sorted(_secrets, key=len, reverse=True)
    for secret in known:
        text = text.replace(secret, _BLOT)
    text = _CREDENTIALS.sub(lambda found: found[1] + _BLOT, text)
    return _URL.sub(rf"\1{_BLOT}\2", text)


class _Redacting(logging.Formatter):
    """Cleans the finished line, so that arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


class _PrivateFile(RotatingFileHandler):
    """Four files of a megabyte at most (verbose: ten times that), each created with mode 0600."""

    def __init__(self, path: Path, verbose: bool) -> None:
        super().__init__(
            path, maxBytes=_MEGABYTE * (10 if verbose else 1), backupCount=3, encoding="utf-8", errors="replace"
        )

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with contextlib.suppress(OSError, AttributeError):
            os.fchmod(descriptor, 0o600)
        return open(descriptor, "a", encoding="utf-8", errors="replace")  # noqa: PTH123 - a descriptor, not a path

    def close(self) -> None:
        """Even where the disk is full and the last words cannot be written."""
        with contextlib.suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk or a closed stream: the record is lost, the program goes on."""

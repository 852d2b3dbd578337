"""The demo servers seen from the program: start them, learn their accounts, stop them.

No Qt, so commands and tests use it too.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from qtmail.errors import MailError
from qtmail.model import Account, AccountKey, Protocol, Security, Server

KEY_PREFIX = "demo-"
"""Every demo account's key begins so; a key made by `accounts.put` is hexadecimal and never does."""
PASSWORD = "demo"  # noqa: S105
"""What the demo servers accept. It protects nothing; the engine is told it in memory (events.Unlock), no keyring."""
SERVER_ARGUMENT = "--demo-server"
"""In a bundle there is no `python -m`: `qtmail --demo-server` runs `qtmail.demo.__main__.main` instead."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One person of the demo: whose mail it is, and how it is logged in to."""

    key: AccountKey
    name: str
    address: str
    display_name: str
    signature: str
    colour: str


class DemoProcess:
    """The running servers. Use as a context manager, or call `stop`; they also end when this process does.

    `accounts` are ready to be put into a profile. The password of each is `PASSWORD`.
    """

    def __init__(self, process: "subprocess.Popen[str]", accounts: tuple[Account, ...]) -> None:
        self._process = process
        self.accounts = accounts

    @classmethod
    def start(cls, extra: Sequence[str] = ()) -> "DemoProcess":
        """Start the servers and wait until they accept connections (under 2 s). Raises MailError saying why not.

        extra: arguments for the server process, for tests.
        """
        process = subprocess.Popen(
            [*command(), *extra], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            cls(process, ()).stop()
            raise MailError(
                "The demo could not be started.", hint="It needs the packages of the “demo” extra: pymap and aiosmtpd."
            )
        return cls(process, accounts_from(line))

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        """End the servers and wait until they are gone. May be called twice."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> "DemoProcess":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def command() -> list[str]:
    """The command line that runs the servers: they print one JSON line, and end when their stdin closes."""
    if getattr(sys, "frozen", False):
        return [sys.executable, SERVER_ARGUMENT]
    return [sys.executable, "-m", "qtmail.demo"]


def line_for(identities: Sequence[Identity], host: str, imap_port: int, smtp_port: int) -> str:
    """What the server process prints once it is ready: one line of JSON, without the line end."""
    people = [{name: getattr(person, name) for name in Identity.__slots__} for person in identities]
    return json.dumps({"host": host, "imap": imap_port, "smtp": smtp_port, "accounts": people})


def accounts_from(line: str) -> tuple[Account, ...]:
    """The accounts behind the line the server process printed."""
    ready: dict[str, Any] = json.loads(line)
    return tuple(_account(Identity(**person), ready) for person in ready["accounts"])


def _account(person: Identity, ready: dict[str, Any]) -> Account:
    def server(port: int) -> Server:
        return Server(host=ready["host"], port=port, security=Security.NONE, username=person.address)

    return Account(
        key=AccountKey(person.key),
        name=person.name,
        address=person.address,
        display_name=person.display_name,
        protocol=Protocol.IMAP,
        incoming=server(ready["imap"]),
        outgoing=server(ready["smtp"]),
        signature=person.signature,
        check_minutes=1,
        colour=person.colour,
    )

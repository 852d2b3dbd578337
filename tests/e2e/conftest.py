"""The program as installed, on real servers: one Dovecot, Postfix and keyring for all tests, a profile for each."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from qtmail import accounts
from qtmail.model import Account
from tests.servers import Dovecot, KeyringDaemon, Postfix

PROGRAM = Path(sys.executable).with_name("qtmail")
SECONDS = 60


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    with Dovecot() as running:
        yield running


@pytest.fixture(scope="session")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    with Postfix(dovecot) as running:
        yield running


@pytest.fixture(scope="session")
def keyring() -> Iterator[KeyringDaemon]:
    with KeyringDaemon() as running:
        yield running


@dataclass
class Result:
    """How one run of the program ended."""

    code: int
    out: bytes
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def text(self) -> str:
        return self.out.decode("utf-8")


@dataclass
class Program:
    """qtmail with a profile of its own."""

    profile: Path
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *words: object) -> list[str]:
        return [str(PROGRAM), "--profile", str(self.profile), *(str(word) for word in words)]

    def run(self, *words: object, typed: bytes = b"", **environment: str) -> Result:
        """Run it to its end, whatever its exit code."""
        found = subprocess.run(
            self.command(*words),
            input=typed,
            capture_output=True,
            env=os.environ | self.environment | environment,
            timeout=SECONDS,
            check=False,
        )
        return Result(found.returncode, found.stdout, found.stderr.decode("utf-8", "replace"))

    def __call__(self, *words: object, code: int = 0, typed: bytes = b"") -> Result:
        """Run it and expect this exit code."""
        result = self.run(*words, typed=typed)
        assert result.code == code, f"{words}: exit {result.code}\n{result.text}\n{result.err}"
        assert "Traceback" not in result.err
        return result

    def add(self, account: Account, password: str = "secret") -> Result:
        """Add an account from a file, its password on stdin."""
        file = self.profile.parent / f"{account.name}.toml"
        file.write_text(accounts.as_file(account), "utf-8")
        return self("account", "add", file, "--password-stdin", typed=password.encode() + b"\n")

    def ids(self, folder: str) -> list[int]:
        """Newest first."""
        return [row["id"] for row in self("list", folder, "--json").json]


@pytest.fixture
def qtmail(tmp_path: Path, keyring: KeyringDaemon) -> Program:
    keyring.ensure()
    return Program(tmp_path / "profile", dict(keyring.environment))

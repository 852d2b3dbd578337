"""Nothing secret in any file of the profile, any log, any command line or environment; whatever went wrong before."""

import base64
import os
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

from qtmail.model import Protocol, Security
from tests.servers import PASSWORDS, Dovecot, KeyringDaemon, Postfix

from .conftest import Program

PASSWORD = PASSWORDS["bob"]
WRONG = "wrong-but-secret-too"
PASSPHRASE = "correct horse battery"


def spellings(secret: str) -> list[bytes]:
    """How it could stand somewhere: as it is, escaped, in base64 as SASL PLAIN has it."""
    plain = secret.encode()
    sasl = base64.b64encode(b"\0bob\0" + plain)
    return [
        plain,
        secret.encode("utf-16-le"),
        base64.b64encode(plain).rstrip(b"="),
        sasl[8:-4],
        repr(secret)[1:-1].encode(),
    ]


def found_in(root: Path, *secrets: str) -> list[str]:
    places = []
    for file in root.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            places += [f"{file.name}: {secret}" for secret in secrets for way in spellings(secret) if way in content]
    return places


class Processes:
    """Looks at the command lines and environments of every process while something runs."""

    def __init__(self, *secrets: str) -> None:
        self._ways = [way for secret in secrets for way in spellings(secret)]
        self.seen: set[str] = set()
        self.places: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Processes":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.05):
            for entry in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        told = (entry / name).read_bytes()
                    except OSError:
                        continue
                    if name == "cmdline" and b"qtmail" in told:
                        self.seen.add(told.replace(b"\0", b" ").decode("utf-8", "replace"))
                    if any(way in told for way in self._ways):
                        self.places.append(f"{entry.name} {name}")


def test_after_everything_that_can_go_wrong(
    qtmail: Program, dovecot: Dovecot, postfix: Postfix, tmp_path: Path
) -> None:
    """Added, synced, sent, refused, tried, verified, over TLS and in clear; then a vault instead of the keyring."""
    account = replace(dovecot.account("bob", Protocol.IMAP, outgoing=postfix), name="Bob")
    mail = tmp_path / "mail.eml"
    mail.write_bytes(
        b"From: bob@example.test\r\nTo: bob@example.test\r\nSubject: x\r\nMessage-ID: <s@x>\r\n\r\nHello\r\n"
    )
    with Processes(PASSWORD, WRONG, PASSPHRASE) as processes:
        qtmail.add(account, PASSWORD)
        qtmail("sync")
        qtmail("send", mail, "--account", "Bob")
        qtmail("verify")
        tls = replace(dovecot.server("bob", Protocol.IMAP, Security.TLS), username="bob")
        qtmail.add(replace(account, name="Wrong", incoming=tls, outgoing=None), WRONG)
        qtmail("sync", code=3)
        qtmail("account", "test", "Wrong", code=1)
        qtmail("account", "test", "Bob")
        qtmail("vault", "create", "--passphrase-stdin", typed=PASSPHRASE.encode() + b"\n")
        assert "In the vault" not in qtmail("vault", "show").text  # it is locked, and says so
        qtmail("sync", code=1)
        qtmail("vault", "change", "--passphrase-stdin", typed=f"{PASSPHRASE}\n{PASSPHRASE} 2\n".encode(), code=0)
        qtmail("vault", "remove", "--passphrase-stdin", typed=PASSPHRASE.encode() + b"\n", code=1)
        assert found_in(qtmail.profile, PASSWORD, WRONG, PASSPHRASE) == []
        qtmail("vault", "remove", "--passphrase-stdin", typed=f"{PASSPHRASE} 2\n".encode())
        assert not (qtmail.profile / "vault.json").exists()
        qtmail("sync", "--account", "Bob")
    assert processes.places == []
    assert any("sync" in words for words in processes.seen)
    assert found_in(qtmail.profile, PASSWORD, WRONG, PASSPHRASE) == []


def test_the_search_finds_what_is_there(tmp_path: Path, keyring: KeyringDaemon) -> None:
    """The tests above could not fail otherwise."""
    for number, way in enumerate(spellings(PASSWORD)):
        file = tmp_path / f"{number}"
        file.write_bytes(b"x" + way + b"y")
        assert found_in(tmp_path, PASSWORD)
        file.unlink()
    with Processes(PASSWORD) as processes:
        child = subprocess.Popen(["sleep", "5"], env=os.environ | {"X": PASSWORD})
        end = time.monotonic() + 5
        while not processes.places and time.monotonic() < end:
            time.sleep(0.05)
        child.kill()
        child.wait()
    assert processes.places

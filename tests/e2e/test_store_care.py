"""Room, checking and encryption with the program as installed, on a real server and a real keyring."""

import os
import subprocess
import sys
from dataclasses import replace

from qtmail.store import sealing
from tests.e2e.conftest import Program
from tests.servers import Dovecot

LOST = "keyring.backends.null.Keyring"
MANY = 320
"""Enough for the process that prepares fetched messages."""


def _mail(number: int, octets: int = 0) -> bytes:
    header = (
        f"From: Bob <bob@example.test>\r\nTo: alice@example.test\r\nSubject: Number {number}\r\n"
        f"Date: Tue, 14 Nov 2023 22:10:00 +0000\r\nMessage-ID: <{number}@example.test>\r\n\r\n"
    )
    return f"{header}Unmistakable words {number}.\r\n".encode() + b"padding of a large one\r\n" * (octets // 24)


def test_store_care_from_room_to_a_lost_keyring(qtmail: Program, dovecot: Dovecot) -> None:
    user = dovecot.add_user()
    dovecot.fill(user, [_mail(1), _mail(2), _mail(3)], flags="")
    qtmail.add(replace(dovecot.account(user), name="Work"))
    qtmail("sync")
    first = qtmail.ids("Work/INBOX")[0]

    assert qtmail("free", "--older", 30, "--json").json["messages"] == 3
    freed = qtmail("free", "--older", 30, "--yes", "--json").json
    assert (freed["messages"], freed["unproven"], freed["remarks"]) == (3, 0, [])
    assert qtmail("space", "--json").json["folders"][0]["away"] == 3
    assert qtmail("sync", "--json").json["accounts"][0]["bodies"] == 0

    qtmail("free", "--undo")

    printed = qtmail("encrypt", "on").text
    key = next(line for line in printed.splitlines() if line.startswith("Recovery key: ")).removeprefix(
        "Recovery key: "
    )
    dovecot.fill(user, [*(_mail(n) for n in range(10, 10 + MANY)), _mail(9, 1_500_000)], flags="")
    assert qtmail("sync", "--json").json["accounts"][0]["bodies"] == MANY + 1 + 3  # those that were dropped too
    assert qtmail("verify", "--repair").code == 0
    for path in qtmail.profile.rglob("*"):
        if path.is_file():
            assert b"nmistakable" not in path.read_bytes(), path

    refused = qtmail.run("list", "Work/INBOX", PYTHON_KEYRING_BACKEND=LOST)
    assert (refused.code, refused.out) == (1, b"")
    assert "recovery key" in refused.err
    assert "Traceback" not in refused.err
    assert (
        "another mail store"
        in qtmail.run("unlock", "--recovery-key-stdin", typed=sealing.new_recovery_key().encode()).err
    )
    name = (qtmail.profile / "encryption").read_text().strip()
    forgotten = "import sys; from qtmail import secrets; secrets.forget_store_key(sys.argv[1])"
    subprocess.run([sys.executable, "-c", forgotten, name], env=os.environ | qtmail.environment, check=True)
    qtmail("unlock", "--recovery-key-stdin", typed=key.lower().replace("-", " ").encode())
    assert first in qtmail.ids("Work/INBOX")

    qtmail("encrypt", "off")
    assert not (qtmail.profile / "encryption").exists()
    assert len(qtmail("search", "unmistakable", "--limit", 1000, "--json").json) == MANY + 4

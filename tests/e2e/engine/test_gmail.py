"""An account that looks like Gmail's: X-GM-EXT-1 in front of a Dovecot, whose own ids of messages stand for Gmail's.

As there, one message is in several folders under one id, and only what is expunged in Trash is gone.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from qtmail.model import Account, AccountKey
from tests.e2e.engine.conftest import Desktop, Elsewhere, mailbox
from tests.servers import Dovecot, MeddlingProxy

_GUID = re.compile(rb'X-GUID "?([^ ")]+)"?')


def asked(line: bytes) -> bytes:
    """What Dovecot hears."""
    return line.replace(b"X-GM-MSGID X-GM-LABELS", b"X-GUID")


def told(_command: bytes, line: bytes) -> bytes:
    """What the client hears."""
    line = re.sub(rb"(\[CAPABILITY [^]]*IMAP4rev1[^]]*)\]", rb"\1 X-GM-EXT-1]", line)
    return _GUID.sub(lambda found: b"X-GM-MSGID %d X-GM-LABELS ()" % (zlib.crc32(found[1]) + 1), line)


@pytest.fixture
def gmail(server: Dovecot) -> Iterator[MeddlingProxy]:
    with MeddlingProxy(server.imap) as proxy:
        proxy.command, proxy.answer = asked, told
        yield proxy


@pytest.fixture
def account(server: Dovecot, gmail: MeddlingProxy) -> Account:
    plain = server.account("alice")
    return replace(plain, incoming=replace(plain.incoming, port=gmail.port))


def test_a_message_in_several_folders_is_fetched_once(
    desktop: Desktop, server: Dovecot, account: Account, gmail: MeddlingProxy, elsewhere: Elsewhere
) -> None:
    server.fill("alice", mailbox(6))
    server.folder("alice", "All Mail")
    with elsewhere("alice") as client:
        client.select_folder("INBOX")
        client.copy(client.search(), "All Mail")
    desktop.add(account)
    first = desktop.sync()
    assert (first.new, first.bodies) == (12, 6)
    assert desktop.subjects("Alice/INBOX") == desktop.subjects("Alice/All Mail")
    extensions = {one.name: one for one in desktop.mail.server_details(AccountKey("alice")).extensions}
    assert extensions["X-GM-EXT-1"].verified
    with elsewhere("alice") as client:
        client.select_folder("INBOX")
        client.copy(client.search()[:2], "Archive")
    second = desktop.sync()
    assert (second.new, second.bodies) == (2, 0), "another label downloads nothing"

    gmail.commands.clear()
    desktop.mail.expunge(desktop.ids("Alice/INBOX")[:1])
    desktop.sync()
    assert gmail.asked('UID MOVE [0-9]+ "Trash"') == 1, "elsewhere only the label would go"
    assert gmail.asked("UID EXPUNGE") == 1
    assert server.messages("alice", "Trash") == []
    assert len(server.messages("alice")) == 5
    desktop.sync()
    assert desktop.ids("Alice/Trash") == []
    desktop.verified()

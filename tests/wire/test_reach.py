"""Getting to a host: several addresses, black holes, proxies; and what is noted of every contact."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qtmail.accounts import check_proxy
from qtmail.errors import BadInput, MailError, Unreachable
from qtmail.model import Protocol, Server
from qtmail.net import contacts, reach
from qtmail.net.connect import open_wire
from qtmail.net.contacts import Why
from qtmail.net.imap import ImapSession
from tests.servers import Dovecot, ScriptedServer
from tests.servers.process import HOST, Process, black_hole, free_ports, listening, wait_until

HELLO = "S: * OK hello\nHOLD"


@pytest.fixture
def known_as(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says where a name leads: (family, (host, port)) each."""

    def say(*found: tuple[socket.AddressFamily, tuple[object, ...]]) -> None:
        answer = [(family, socket.SOCK_STREAM, 6, "", address) for family, address in found]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)

    return say


def test_families_take_turns(known_as: Callable[..., None]) -> None:
    six, four = socket.AF_INET6, socket.AF_INET
    known_as((six, ("1",)), (six, ("2",)), (six, ("3",)), (four, ("a",)), (four, ("b",)))
    assert [address[0] for _, address in reach.addresses("x", 1)] == ["1", "a", "2", "b", "3"]


def test_a_black_hole_costs_a_moment(known_as: Callable[..., None]) -> None:
    """The first address never answers; what the others say is not waited for either."""
    with black_hole() as hole, ScriptedServer(HELLO) as server:
        # No host has an IPv6 address here for certain, so the black hole is an IPv4 one.
        known_as((socket.AF_INET, (HOST, hole)), (socket.AF_INET, (HOST, server.port)))
        with closing(reach.reach("mail.example.test", 1, 20)) as sock:
            assert sock.getpeername() == (HOST, server.port)
            assert sock.gettimeout() is None
            assert sock.recv(7) == b"* OK he"


def test_a_family_that_is_not_there_costs_nothing(known_as: Callable[..., None]) -> None:
    (closed,) = free_ports(1)
    with ScriptedServer(HELLO) as server:
        known_as(
            (socket.AF_INET6, ("::1", closed, 0, 0)),
            (socket.AF_INET, (HOST, closed)),
            (socket.AF_INET, (HOST, server.port)),
        )
        with closing(reach.reach("mail.example.test", 1, 20)) as sock:
            assert sock.getpeername()[1] == server.port


def test_when_all_refuse_it_says_so_at_once(known_as: Callable[..., None]) -> None:
    closed, other = free_ports(2)
    known_as((socket.AF_INET, (HOST, closed)), (socket.AF_INET, (HOST, other)))
    began = time.monotonic()
    with pytest.raises(ConnectionRefusedError):
        reach.reach("mail.example.test", 1, 60)
    assert time.monotonic() - began < 30


def test_nobody_answers_at_all(known_as: Callable[..., None]) -> None:
    with black_hole() as hole:
        known_as((socket.AF_INET, (HOST, hole)), (socket.AF_INET, (HOST, hole)))
        with pytest.raises(TimeoutError):
            reach.reach("mail.example.test", 1, 0.5)


# By a proxy


@pytest.fixture(scope="module")
def proxy() -> Iterator[int]:
    """SOCKS 5 and HTTP CONNECT on one port."""
    (port,) = free_ports(1)
    command = [sys.executable, "-W", "ignore", "-m", "pproxy", "-l", f"http+socks5://{HOST}:{port}"]
    running = Process(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listening(port), "the proxy")
        yield port
    finally:
        running.stop()


@pytest.mark.parametrize("kind", ["socks5", "socks5h", "http"])
def test_all_mail_goes_by_the_proxy(
    kind: str, proxy: int, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "is_loopback", lambda _host: False)
    direct: list[str] = []
    monkeypatch.setattr(reach, "addresses", lambda host, _port: direct.append(host))
    server = dovecot.server(user, Protocol.IMAP)
    server = Server(server.host, server.port, server.security, user, proxy=f"{kind}://{HOST}:{proxy}")
    session = ImapSession.connect(server, "secret")
    assert session.folders()
    session.close()
    assert direct == []


def test_what_a_proxy_does_not_do(proxy: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "is_loopback", lambda _host: False)
    closed, none = free_ports(2)
    for kind in ("socks5", "http"):
        with pytest.raises(Unreachable, match="does not answer"):
            reach.reach(HOST, 1, 5, f"{kind}://{HOST}:{none}")
        try:  # this one closes the line in place of an answer
            with closing(reach.reach(HOST, closed, 5, f"{kind}://{HOST}:{proxy}")) as sock:
                assert sock.recv(1) == b""
        except (Unreachable, ConnectionError):
            pass


@pytest.mark.parametrize(
    "url", ["proxy", "ftp://x:1", "socks5://", "socks5://x", "http://x:0", "http://x:99999", "socks5://me:secret@x:1"]
)
def test_what_is_no_proxy(url: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_proxy(url)
    assert "secret" not in caught.value.sentence()


def test_the_systems_own_word(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("all_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    assert reach._system("imap.example.org") == ""
    monkeypatch.setenv("https_proxy", "http://proxy.example.org:3128")
    assert reach._system("imap.example.org") == "http://proxy.example.org:3128"
    monkeypatch.setenv("all_proxy", "socks5h://socks.example.org:1080")
    assert reach._system("imap.example.org") == "socks5://socks.example.org:1080"
    monkeypatch.setenv("no_proxy", "example.org")
    assert reach._system("imap.example.org") == ""


# What is noted


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Path]:
    contacts.keep_in(tmp_path / "network.jsonl")
    yield tmp_path / "network.jsonl"
    contacts.keep_in(None)


def test_every_contact_is_noted_with_its_octets(dovecot: Dovecot, user: str, ledger: Path) -> None:
    session = ImapSession.connect(dovecot.server(user, Protocol.IMAP), "secret")
    (begun,) = contacts.read(ledger)
    assert (begun.why, begun.host, begun.port, begun.seconds) == (Why.IMAP, HOST, dovecot.imap, None)
    session.close()
    (ended,) = contacts.read(ledger)
    assert ended.octets_in > 100
    assert ended.octets_out > 20
    assert ended.trouble == ""
    assert ended.seconds is not None
    assert user not in ledger.read_text()


def test_an_attempt_is_a_contact(ledger: Path) -> None:
    (closed,) = free_ports(1)
    with pytest.raises(MailError):
        open_wire(Server(HOST, closed), 3, Why.SMTP)
    (one,) = contacts.read(ledger)
    assert (one.why, one.trouble, one.octets_out) == (Why.SMTP, "ConnectionRefusedError", 0)


def test_threads_and_processes_write_whole_lines(ledger: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from qtmail.net import contacts;"
        "contacts.keep_in(Path(sys.argv[1])); [contacts.Open(contacts.Why.DNS, 'h' * 200, 1).end() for _ in range(300)]"
    )
    children = [subprocess.Popen([sys.executable, "-c", code, str(ledger)]) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda: [contacts.Open(Why.IMAP, "x", 1).end() for _ in range(100)]) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [child.wait(30) for child in children] == [0, 0]
    assert len(contacts.read(ledger)) == 900
    assert all(json.loads(line) for line in ledger.read_bytes().splitlines())


def test_it_does_not_grow_without_end_and_bears_damage(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contacts, "MOST_OCTETS", 1000)
    for number in range(30):
        contacts.Open(Why.IMAP, f"host{number}", 1).end()
    known = contacts.read(ledger)
    assert known[0].host in {f"host{number}" for number in range(25, 30)}
    assert 3 < len(known) < 30
    with ledger.open("ab") as file:
        file.write(b'\xff{"id": 3}\n{"id": "x", "at": "y"}\n{"cut')
    assert contacts.read(ledger) == known


def test_no_file_no_trouble(tmp_path: Path) -> None:
    contacts.keep_in(tmp_path / "not" / "there.jsonl")
    try:
        contacts.Open(Why.IMAP, "x", 1).end()
    finally:
        contacts.keep_in(None)
    assert contacts.read(tmp_path / "not" / "there.jsonl") == []

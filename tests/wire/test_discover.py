"""The questions of the search for servers, asked of real ones: the web, DNS, Dovecot and Postfix."""

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.rrset
import pytest

from qtmail.errors import MailError, ProtocolError, Refused, TlsFailed, Unreachable
from qtmail.model import Protocol, Security
from qtmail.net.discover import Service, asking
from tests.servers import Authority, Dovecot, Postfix


class Pages(http.server.BaseHTTPRequestHandler):
    """A few pages that a provider, or a liar, would have."""

    def do_GET(self) -> None:
        match self.path:
            case "/good":
                self._answer(200, b"<clientConfig/>")
            case "/moved":
                self._answer(302, b"", ("Location", "/good"))
            case "/file":
                self._answer(302, b"", ("Location", "file:///etc/passwd"))
            case "/http":
                self._answer(302, b"", ("Location", f"http://localhost:{self.server.server_address[1]}/good"))
            case "/round":
                self._answer(302, b"", ("Location", "/round"))
            case "/nowhere":
                self._answer(302, b"")
            case "/large":
                self._answer(200, b"x" * 10_000_000)
            case "/slow":
                self.send_response(200)
                self.end_headers()
                try:
                    for _ in range(100):
                        self.wfile.write(b"x")
                        time.sleep(0.05)
                except OSError:
                    pass
            case _:
                self._answer(404, b"")

    def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *_args: object) -> None:
        """Nothing."""


class Site(http.server.ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some tests are about."""


@pytest.fixture(scope="module")
def site(authority: Authority) -> Iterator[str]:
    server = Site(("127.0.0.1", 0), Pages)
    server.socket = authority.context().wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("page", ["good", "moved"])
def test_a_page_comes_by_https(site: str, authority: Authority, page: str) -> None:
    assert asking.web(f"{site}/{page}", ca_file=str(authority.ca_file)) == b"<clientConfig/>"


@pytest.mark.parametrize(
    ("page", "error"),
    [
        ("missing", Refused),
        ("file", Refused),
        ("http", Refused),
        ("round", Refused),
        ("nowhere", Refused),
        ("large", ProtocolError),
        ("slow", Unreachable),
    ],
)
def test_a_page_that_lies_is_refused(
    site: str, authority: Authority, page: str, error: type[MailError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "WEB_S", 0.5 if page == "slow" else 5.0)
    with pytest.raises(error):
        asking.web(f"{site}/{page}", ca_file=str(authority.ca_file))


def test_a_site_that_cannot_prove_its_name_is_not_believed(site: str) -> None:
    with pytest.raises((Unreachable, TlsFailed)):
        asking.web(f"{site}/good")


@contextmanager
def name_server(records: dict[tuple[str, str], list[str]]) -> Iterator[tuple[str, int]]:
    """Answers over UDP; what is not in `records` does not exist."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                data, peer = udp.recvfrom(4096)
                if data == b"end":
                    return
                question = dns.message.from_wire(data)
                answer = dns.message.make_response(question)
                name, kind = str(question.question[0].name), question.question[0].rdtype.name
                if values := records.get((name, kind)):
                    answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *values))
                udp.sendto(answer.to_wire(), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield udp.getsockname()
        finally:
            udp.sendto(b"end", udp.getsockname())
            thread.join()


def test_records_come_in_the_order_to_be_tried() -> None:
    records = {
        ("_imaps._tcp.example.org.", "SRV"): [
            "20 0 993 late.example.org.",
            "10 5 993 light.example.org.",
            "10 50 9993 heavy.example.org.",
        ],
        ("_pop3s._tcp.example.org.", "SRV"): ["0 0 0 ."],
        ("example.org.", "MX"): ["20 b.example.net.", "10 a.example.net."],
    }
    with name_server(records) as where:
        dns_ = asking.Dns(where)
        assert dns_.services("_imaps._tcp.example.org") == [
            ("heavy.example.org", 9993),
            ("light.example.org", 993),
            ("late.example.org", 993),
        ]
        assert dns_.services("_pop3s._tcp.example.org") == []
        assert dns_.services("_imap._tcp.example.org") == []
        assert dns_.exchangers("example.org") == ["a.example.net", "b.example.net"]


def test_a_name_server_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "DNS_S", 0.5)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable):
            asking.Dns(silent.getsockname()).exchangers("example.org")


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize(
    ("service", "protocol"), [(Service.IMAP, Protocol.IMAP), (Service.POP3, Protocol.POP3)], ids=["imap", "pop3"]
)
def test_dovecot_greets(dovecot: Dovecot, user: str, service: Service, protocol: Protocol, security: Security) -> None:
    server = dovecot.server(user, protocol, security)
    assert asking.greets(service, "localhost", server.port, security, ca_file=server.ca_file)
    assert not asking.greets(service, "localhost", server.port, security)
    other = Service.SMTP if service is not Service.SMTP else Service.IMAP
    assert not asking.greets(other, "localhost", server.port, security, ca_file=server.ca_file)


def test_postfix_greets(postfix: Postfix, user: str) -> None:
    server = postfix.server(user, Security.STARTTLS)
    assert asking.greets(Service.SMTP, "localhost", server.port, Security.STARTTLS, ca_file=server.ca_file)
    assert not asking.greets(Service.SMTP, "localhost", server.port, Security.TLS, ca_file=server.ca_file)


@pytest.mark.parametrize(
    "text",
    [b"", b"* BYE full\r\n", b"* OK ready", b"x" * 100_000, b"* OK ready\r\na OK injected\r\n"],
    ids=["silent", "bye", "no end", "endless", "injected"],
)
def test_what_is_no_greeting(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "CONNECT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            peer, _ = listening.accept()
            with peer:
                peer.settimeout(5)
                try:
                    peer.sendall(text)
                    peer.recv(100)
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        port = listening.getsockname()[1]
        assert not asking.greets(Service.IMAP, "localhost", port, Security.STARTTLS)
        thread.join()


def test_nobody_there_does_not_greet() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert not asking.greets(Service.IMAP, "localhost", port, Security.TLS)

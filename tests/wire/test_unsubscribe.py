"""Leaving a list by one request: over https alone, telling only what it needs, and written into the ledger."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.errors import BadInput, MailError, Refused, TlsFailed
from qtmail.net import contacts
from qtmail.net.contacts import Why
from qtmail.net.unsubscribe import unsubscribe
from tests.servers.authority import Authority


class _Handler(http.server.BaseHTTPRequestHandler):
    server: "Web"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.asked.append((self.path, dict(self.headers.items()), body))
        status, headers = {
            "/leave?u=1": (200, {"Set-Cookie": "who=you"}),
            "/moved": (307, {"Location": "/leave?u=1"}),
            "/plain": (302, {"Location": f"http://localhost:{self.server.server_port}/leave?u=1"}),
            "/round": (302, {"Location": "/round"}),
        }.get(self.path, (404, {}))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Quiet."""


class Web(http.server.ThreadingHTTPServer):
    daemon_threads = True
    asked: list[tuple[str, dict[str, str], bytes]]

    def url(self, path: str) -> str:
        return f"https://localhost:{self.server_port}{path}"


@pytest.fixture
def web(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    server = Web(("127.0.0.1", 0), _Handler)
    server.asked = []
    server.socket = authority.context().wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_one_request_says_what_it_must_and_nothing_else(web: Web, tmp_path: Path) -> None:
    ledger = tmp_path / "network.jsonl"
    contacts.keep_in(ledger)
    try:
        unsubscribe(web.url("/moved"), private_allowed=True)
    finally:
        contacts.keep_in(None)
    assert [path for path, _, _ in web.asked] == ["/moved", "/leave?u=1"]
    for _, headers, body in web.asked:
        assert body == b"List-Unsubscribe=One-Click"
        assert headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert not {"Cookie", "Referer", "Authorization", "From"} & set(headers)
    assert [(one.why, one.host) for one in contacts.read(ledger)] == [(Why.UNSUBSCRIBE, "localhost")] * 2


@pytest.mark.parametrize(("path", "error"), [("/plain", BadInput), ("/round", Refused), ("/gone", Refused)])
def test_what_goes_wrong_is_told(web: Web, path: str, error: type[MailError]) -> None:
    with pytest.raises(error):
        unsubscribe(web.url(path), private_allowed=True)
    assert all(path != "/leave?u=1" for path, _, _ in web.asked)


def test_only_safe_connections_to_hosts_on_the_internet(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused):
        unsubscribe(web.url("/leave?u=1"))
    with pytest.raises(BadInput):
        unsubscribe(web.url("/leave?u=1").replace("https", "http"), private_allowed=True)
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(TlsFailed):
        unsubscribe(web.url("/leave?u=1"), private_allowed=True)
    assert web.asked == []

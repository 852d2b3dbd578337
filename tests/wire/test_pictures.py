"""Fetching pictures: only pictures, only so large, only from the internet, and nothing told about the reader."""

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from qtmail.engine import pictures
from qtmail.errors import BadInput, MailError, ProtocolError, Refused, TlsFailed, Unreachable
from qtmail.net import guarded, remote

DOT = b"\x89PNG not really"


class Web(http.server.ThreadingHTTPServer):
    """Answers by path; keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.release = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Web

    def _answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers.items())))
        match self.path.partition("?")[0]:
            case "/dot.png":
                self._answer(200, {"Content-Type": "image/png; charset=x", "Set-Cookie": "who=you"}, DOT)
            case "/page":
                self._answer(200, {"Content-Type": "text/html"}, b"<html>")
            case "/drawing":
                self._answer(200, {"Content-Type": "image/svg+xml"}, b"<svg/>")
            case "/moved":
                self._answer(302, {"Location": "/dot.png"})
            case "/round":
                self._answer(302, {"Location": "/round"})
            case "/file":
                self._answer(302, {"Location": "file:///etc/passwd"})
            case "/gone":
                self._answer(404, {})
            case "/large":
                self._answer(200, {"Content-Type": "image/png"})
                try:
                    while not self.server.release.is_set():
                        self.wfile.write(b"x" * 65536)
                except OSError:
                    return
            case "/slow":
                self.server.release.wait(10)
            case _:
                self.wfile.write(b"what?\r\n\r\n")

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(url: str) -> remote.RemotePicture:
    return remote.fetch_picture(url, private_allowed=True)


def test_a_picture(web: Web) -> None:
    assert fetch(web.url("/dot.png?a=b&c=%20d")) == remote.RemotePicture("image/png", DOT)
    path, headers = web.asked[0]
    assert path == "/dot.png?a=b&c=%20d"
    assert not {"Cookie", "Referer", "From", "Accept-Language"} & set(headers)
    assert "qtmail" not in " ".join(headers.values()).lower()
    fetch(web.url("/moved"))
    assert "Cookie" not in web.asked[-1][1]


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/page", Refused), ("/drawing", Refused), ("/gone", Refused), ("/round", Refused), ("/file", BadInput),
        ("/large", ProtocolError), ("/nonsense", ProtocolError),
    ],
)  # fmt: skip
def test_what_is_not_taken(web: Web, path: str, error: type[MailError]) -> None:
    with pytest.raises(error):
        fetch(web.url(path))


def test_a_server_that_says_nothing(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "TIMEOUT", 0.1)
    start = time.monotonic()
    with pytest.raises(Unreachable):
        fetch(web.url("/slow"))
    assert time.monotonic() - start < 5


def test_no_safe_connection(web: Web) -> None:
    with pytest.raises(TlsFailed):
        fetch(web.url("/dot.png").replace("http:", "https:"))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "http://", "http://x:0/", "http://a b/", "x", ""])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(BadInput):
        fetch(url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[::ffff:127.0.0.1]", "0.0.0.0"],
)
def test_private_hosts_are_never_asked(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(name: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (name.strip("[]"), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", _never)
    with pytest.raises(Refused):
        remote.fetch_picture(f"http://{host}/dot.png")


def _never(*_: object) -> None:
    raise AssertionError("a connection was made")


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded.socket, "getaddrinfo", _answers("93.184.216.34", "127.0.0.1"))
    monkeypatch.setattr(guarded.socket, "create_connection", _never)
    with pytest.raises(Refused):
        remote.fetch_picture("http://rebinding.example/dot.png")


def test_the_address_that_was_checked_is_the_one_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def connect(address: object, _timeout: float) -> None:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(guarded.socket, "getaddrinfo", _answers("93.184.216.34"))
    monkeypatch.setattr(guarded.socket, "create_connection", connect)
    with pytest.raises(Unreachable):
        remote.fetch_picture("http://pictures.example/dot.png")
    assert asked == [("93.184.216.34", 80)]


def _answers(*addresses: str) -> Callable[..., list[tuple[object, ...]]]:
    return lambda _name, port, **_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]


def test_what_fails_is_left_out(web: Web) -> None:
    urls = [web.url("/dot.png"), web.url("/gone"), web.url("/moved"), web.url("/dot.png")]
    found = pictures.fetch(urls, private_allowed=True)
    assert set(found) == {urls[0], urls[2]}
    assert len(web.asked) == 4
    assert pictures.fetch([]) == {}


def test_it_ends_when_it_shall(web: Web) -> None:
    stop = threading.Event()
    timer = threading.Timer(0.1, stop.set)
    timer.start()
    start = time.monotonic()
    assert pictures.fetch([web.url("/slow")], private_allowed=True, stop=stop) == {}
    assert time.monotonic() - start < 5
    web.release.set()
    timer.join()

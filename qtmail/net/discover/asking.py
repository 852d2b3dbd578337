"""The questions themselves: the web (https only), DNS, and whether a server greets. Nobody is told the address."""

import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qtmail.errors import MailError, ProtocolError, Refused, Unreachable
from qtmail.model import Security, Server
from qtmail.net.contacts import Why, noted
from qtmail.net.discover.autoconfig import MOST_OCTETS
from qtmail.net.discover.values import Service, host_name
from qtmail.net.reach import reach
from qtmail.net.tls import context

WEB_S = 5.0
DNS_S = 4.0
CONNECT_S = 4.0
MOST_REDIRECTS = 3
_GREETINGS = {Service.IMAP: b"* OK", Service.POP3: b"+OK", Service.SMTP: b"220"}
_UPGRADE = {
    Service.IMAP: ((b"a STARTTLS\r\n", b"a OK"),),
    Service.POP3: ((b"STLS\r\n", b"+OK"),),
    Service.SMTP: ((b"EHLO [127.0.0.1]\r\n", b"250 "), (b"STARTTLS\r\n", b"220")),
}
_LONGEST_ANSWER = 16 * 1024


def web(url: str, *, ca_file: str = "") -> bytes:
    """GET a document over https, at most MOST_OCTETS, redirects to https only. Raises Unreachable, Refused,
    ProtocolError."""
    import httpx

    trust = context(Server("", 443, ca_file=ca_file))
    deadline = time.monotonic() + WEB_S
    try:
        with httpx.Client(verify=trust, timeout=WEB_S, headers={"User-Agent": "qtmail", "Accept": "*/*"}) as client:
            for _ in range(MOST_REDIRECTS + 1):
                if not url.startswith("https://"):
                    raise Refused("It leads away from https.")
                host = client.build_request("GET", url).url.host
                with noted(Why.SERVERS, host, 443) as contact, client.stream("GET", url) as answer:
                    if answer.has_redirect_location:
                        url = str(answer.url.join(answer.headers["Location"]))
                        continue
                    if answer.status_code != 200:
                        raise Refused(f"It answers {answer.status_code}.")
                    found = _read(answer.iter_bytes(), deadline)
                    contact.end(len(found), len(url))
                    return found
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Unreachable("It does not answer.") from error
    raise Refused("It leads round in circles.")


def _read(chunks: Iterator[bytes], deadline: float) -> bytes:
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > MOST_OCTETS:
            raise ProtocolError("Its answer is too large.")
        if time.monotonic() > deadline:
            raise Unreachable("It is too slow.")
    return bytes(found)


@dataclass(frozen=True, slots=True)
class Dns:
    """The system's name servers, or these (host, port)."""

    server: tuple[str, int] | None = None

    def services(self, name: str) -> list[tuple[str, int]]:
        """SRV records, the one to try first first (RFC 2782): (host, port); "." (not offered) and none: empty. Raises
        Unreachable where no name server answers."""
        records = self._ask(name, "SRV")
        records.sort(key=lambda record: (record.priority, -record.weight))
        found = [(host_name(str(record.target)), int(record.port)) for record in records]
        return [(host, port) for host, port in found if host]

    def exchangers(self, domain: str) -> list[str]:
        """MX records, the first one first."""
        records = self._ask(domain, "MX")
        records.sort(key=lambda record: record.preference)
        return [host for record in records if (host := host_name(str(record.exchange)))]

    def _ask(self, name: str, kind: str) -> list[Any]:
        import dns.exception
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=self.server is None)
            if self.server is not None:
                resolver.nameservers, resolver.port = [self.server[0]], self.server[1]
            with noted(Why.DNS, str(resolver.nameservers[0]), resolver.port):
                return list(resolver.resolve(name, kind, lifetime=DNS_S, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise Unreachable("No name server answers.") from error


def greets(service: Service, host: str, port: int, security: Security, *, ca_file: str = "") -> bool:
    """Whether a server of this kind is there, with a certificate that is trusted for its name. No name or password is
    sent."""
    deadline = time.monotonic() + CONNECT_S
    trust = context(Server(host, port, ca_file=ca_file))
    with (
        contextlib.suppress(OSError, UnicodeError, ValueError, MailError),
        noted(Why.SERVERS, host, port),
        reach(host, port, CONNECT_S) as plain,
    ):
        if security is Security.TLS:
            with trust.wrap_socket(plain, server_hostname=host) as wrapped:
                return _says(wrapped, _GREETINGS[service], deadline)
        if not upgrade(plain, service, deadline - time.monotonic()):
            return False
        with trust.wrap_socket(plain, server_hostname=host):
            return True
    return False


def upgrade(plain: socket.socket, service: Service, seconds: float) -> bool:
    """Ask for TLS on a connection that is not protected yet. -> whether the handshake comes next. Raises OSError."""
    deadline = time.monotonic() + seconds
    if not _says(plain, _GREETINGS[service], deadline):
        return False
    for command, answer in _UPGRADE[service]:
        plain.sendall(command)
        if not _says(plain, answer, deadline):
            return False
    return True


def _says(sock: socket.socket, wanted: bytes, deadline: float) -> bool:
    """A line that begins with this comes, after others or not, and nothing behind it."""
    said = b""
    while len(said) < _LONGEST_ANSWER and (left := deadline - time.monotonic()) > 0:
        sock.settimeout(left)
        got = sock.recv(4096)
        if not got:
            return False
        said += got
        *lines, rest = said.split(b"\r\n")
        if any(line.startswith(wanted) for line in lines):
            return not rest and lines[-1].startswith(wanted)
        more = b"* " if wanted.startswith(b"a ") else wanted[:3] + b"-"
        if not all(line.startswith(more) for line in lines):
            return False
    return False

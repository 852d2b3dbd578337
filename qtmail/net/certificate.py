"""Looking at a server's certificate that is not trusted: whose, from whom, from when to when, and its fingerprint.

A connection of its own, over which nothing is sent but what comes before TLS. Nothing that is read here is believed: it
is shown to somebody who may know better.
"""

import contextlib
import hashlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from qtmail.errors import CertificateRefused, TlsFailed, Unreachable
from qtmail.model import Security, Server
from qtmail.net import tls
from qtmail.net.contacts import Why, noted
from qtmail.net.discover.asking import upgrade
from qtmail.net.discover.values import Service
from qtmail.net.reach import reach

TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server showed (RFC 5280). `names` are those it is for; `trouble` why it is not taken, "" if it is."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    begins: datetime
    ends: datetime
    fingerprint: str
    """SHA-256, 64 hexadecimal digits."""
    key: str
    """Kind and size of its key, in words."""
    weak: bool
    """Nobody should rely on a key, or a signature, like this any more."""
    trouble: str = ""

    @property
    def spelled(self) -> str:
        """The fingerprint as other programs show it."""
        pairs = (self.fingerprint[at : at + 2] for at in range(0, len(self.fingerprint), 2))
        return ":".join(pairs).upper()


def look(server: Server, service: Service, *, timeout: float = TIMEOUT) -> Certificate:
    """Connect and look. Raises Unreachable, TlsFailed where there is no TLS at all."""
    der = _shown(server, service, timeout)
    trouble = ""
    try:
        tls.check_exception(der, server)
        if not server.certificate:
            _verify(replace(server, certificate=""), service, timeout)
    except CertificateRefused as error:
        trouble = str(error)
    return _read(der, trouble)


def _shown(server: Server, service: Service, timeout: float) -> bytes:
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE
    with _handshake(server, service, timeout, anybody) as wrapped:
        return wrapped.getpeercert(binary_form=True) or b""


def _verify(server: Server, service: Service, timeout: float) -> None:
    with _handshake(server, service, timeout, tls.context(server)):
        return


@contextlib.contextmanager
def _handshake(server: Server, service: Service, timeout: float, trust: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    where = f"{server.host}:{server.port}"
    try:
        with (
            noted(Why.CERTIFICATE, server.host, server.port),
            reach(server.host, server.port, timeout, server.proxy) as plain,
        ):
            plain.settimeout(timeout)
            if server.security is not Security.TLS and not upgrade(plain, service, timeout):
                raise tls.no_starttls(server)
            with trust.wrap_socket(plain, server_hostname=server.host) as wrapped:
                yield wrapped
    except ssl.SSLError as error:
        raise tls.explain(error, server) from error
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{where} does not answer.", hint="Check the network.") from error


def _read(der: bytes, trouble: str) -> Certificate:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

    try:
        found = x509.load_der_x509_certificate(der)
        key = found.public_key()
        digest = found.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm) as error:
        raise TlsFailed("The server's certificate cannot be read.") from error
    names: tuple[str, ...] = ()
    with contextlib.suppress(x509.ExtensionNotFound, ValueError):
        other = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = (
            *other.get_values_for_type(x509.DNSName),
            *map(str, other.get_values_for_type(x509.IPAddress)),
        )
    kind, weak = type(key).__name__.strip("_").removesuffix("PublicKey"), False
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey):
        kind, weak = f"{kind} with {key.key_size} bits", key.key_size < 2048
    elif isinstance(key, ec.EllipticCurvePublicKey):
        kind = f"elliptic curve {key.curve.name}"
    weak = weak or (digest is not None and digest.name in ("md5", "sha1"))
    return Certificate(
        subject=_name(found.subject),
        issuer=_name(found.issuer),
        names=names,
        begins=found.not_valid_before_utc.astimezone(UTC),
        ends=found.not_valid_after_utc.astimezone(UTC),
        fingerprint=hashlib.sha256(der).hexdigest(),
        key=kind,
        weak=weak,
        trouble=trouble,
    )


def _name(name: object) -> str:
    """The most telling parts of a distinguished name (RFC 4514), the own one first."""
    from cryptography.x509 import Name
    from cryptography.x509.oid import NameOID

    assert isinstance(name, Name)
    found: list[str] = []
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.COUNTRY_NAME):
        found += [str(one.value) for one in name.get_attributes_for_oid(oid)]
    return ", ".join(found) or name.rfc4514_string()

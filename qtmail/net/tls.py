"""Protected connections: the context, and what each failure means in plain words."""

import hashlib
import hmac
import ssl

from qtmail.errors import CertificateRefused, MailError, ServerClosed, TlsFailed, Unreachable
from qtmail.model import Server
from qtmail.net.portal import SIGN_IN_TO_NETWORK

_UNTRUSTED = (
    "Do not go on unless you know why. You can look at it and accept it, or give its root as ca_file (Advanced)."
)
_WEAK = "Its owner must get a new one. Do not go on over a network that you do not trust."
_WRONG_PORT = "Try STARTTLS as the security, or another port."
_CERTIFICATE_WORDS = {
    9: ("is not valid yet", "Check the date and time of this computer."),
    10: ("has expired", "Check the date and time of this computer; else the server's owner must renew it."),
    18: ("is not trusted: it is self-signed", _UNTRUSTED),
    19: ("is not trusted: it was signed by an unknown root", _UNTRUSTED),
    20: ("is not trusted: it was signed by somebody unknown", _UNTRUSTED),
    21: ("is not trusted: it was signed by somebody unknown", _UNTRUSTED),
    62: ("is for another name", "Check the server's name; its provider's pages say which one to use."),
    64: ("is for another address", "Use the server's name in place of its address."),
    66: ("has a key that is too short to be safe", _WEAK),
    67: ("was signed with a key that is too short to be safe", _WEAK),
    68: ("was signed in a way that can be forged", _WEAK),
}
"""OpenSSL's X509_V_ERR numbers, those that people meet."""
_NOT_TLS = {
    "WRONG_VERSION_NUMBER",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
}
"""What OpenSSL (1.1 to 3.x) calls a clear-text greeting where a TLS record should be."""


def context(server: Server) -> ssl.SSLContext:
    """TLS 1.2 or later, the system's trust and `server.ca_file`, host name checked. Raises TlsFailed for a bad file."""
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if server.ca_file:
        try:
            made.load_verify_locations(cafile=server.ca_file)
        except OSError as error:
            raise TlsFailed(
                f"The trust root {server.ca_file} cannot be used: {error.strerror or error}.",
                hint="ca_file names a PEM file.",
            ) from error
    if server.client_certificate:
        _show_ours(made, server.client_certificate)
    if server.certificate:  # the one the user has seen, and no other: `check_exception` compares it
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


def _show_ours(made: ssl.SSLContext, file: str) -> None:
    def refuse() -> str:
        raise TlsFailed(
            f"The key in {file} is locked with a passphrase.", hint="Take it off: openssl pkey -in FILE -out FILE."
        )

    try:
        made.load_cert_chain(file, password=refuse)
    except (OSError, ssl.SSLError) as error:
        raise TlsFailed(
            f"The certificate {file} cannot be used: {getattr(error, 'reason', None) or error}.",
            hint="client_certificate names a PEM file with the certificate and its key.",
        ) from error


def check_exception(der: bytes, server: Server) -> None:
    """Where the user takes one certificate only (`Server.certificate`), raise CertificateRefused for any other."""
    if server.certificate and not hmac.compare_digest(hashlib.sha256(der).hexdigest(), server.certificate):
        raise CertificateRefused(
            f"The certificate of {server.host} is not the one you accepted before.",
            hint="It may have been renewed, or somebody is in between. Look at it before you go on.",
        )


def explain(error: OSError, server: Server) -> MailError:
    """What stopped the handshake, as TlsFailed (nothing will change by itself) or Unreachable (it may)."""
    where = f"{server.host}:{server.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        words, hint = _CERTIFICATE_WORDS.get(
            error.verify_code, (f"is not trusted: {error.verify_message}".rstrip("."), _UNTRUSTED)
        )
        return CertificateRefused(f"The certificate of {server.host} {words}.", hint=hint)
    if isinstance(error, TimeoutError):
        return Unreachable(f"{where} did not finish the TLS handshake in time.", hint=_WRONG_PORT)
    if isinstance(error, ssl.SSLError) and error.reason in _NOT_TLS:
        return TlsFailed(f"{where} does not speak TLS.", hint=f"{_WRONG_PORT} {SIGN_IN_TO_NETWORK}")
    if isinstance(error, ssl.SSLError) and error.reason and "VERSION" in error.reason:
        return TlsFailed(f"{where} only speaks outdated TLS (before 1.2).", hint="Its owner must update it.")
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError)):
        return ServerClosed(f"{where} ended the connection during the TLS handshake.", hint=_WRONG_PORT)
    reason = getattr(error, "reason", "") or error.strerror or str(error)
    return TlsFailed(f"No protected connection to {where}: {str(reason).replace('_', ' ').lower()}.", hint=_WRONG_PORT)


def starttls_refused(server: Server, offered: str = "STARTTLS", *, later: bool = False) -> TlsFailed:
    """The error for a server that offers it and then says no. Its words are not shown: anybody may have said them."""
    return TlsFailed(
        f"{server.host}:{server.port} offered {offered}, then refused it.",
        retry=later,
        hint="Choose TLS with its own port, or try again later. Nothing goes on without protection.",
    )


def no_starttls(server: Server, offered: str = "STARTTLS") -> TlsFailed:
    """The error for a server that does not offer what was asked for; we never go on without."""
    return TlsFailed(
        f"{server.host}:{server.port} does not offer {offered}.",
        hint="Choose TLS with its own port. If it offered STARTTLS before, somebody may be listening in.",
    )

"""Mozilla's autoconfig format, as providers and the ISPDB publish it (a "clientConfig" of version 1.1).

A file that means ill is only a file: no entity, no other document, no plain-text server comes out of it.
"""

from xml.etree import ElementTree as ET

from qtmail.errors import ProtocolError
from qtmail.model import Security
from qtmail.net.discover.values import Found, Note, Offer, Service, Via, host_name, username

MOST_OCTETS = 256 * 1024
_SECURITY = {"ssl": Security.TLS, "starttls": Security.STARTTLS}


def parse(document: bytes, address: str, via: Via) -> Found:
    """The servers it names for this address. Raises ProtocolError where it is no such document."""
    if len(document) > MOST_OCTETS:
        raise ProtocolError("The configuration file is too large.")
    if b"\0" in document or b"<!" in document.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
        raise ProtocolError("The configuration file defines what it must not (a DOCTYPE).")
    try:
        root = ET.fromstring(document)  # noqa: S314 - it has no DOCTYPE, so no entities
    except (ET.ParseError, ValueError, LookupError) as error:
        raise ProtocolError("The configuration file is not XML.") from error
    provider = root.find("emailProvider")
    if root.tag != "clientConfig" or provider is None:
        raise ProtocolError("The configuration file is of another kind.")
    offers: dict[Offer, None] = {}
    for server in (*provider.findall("incomingServer"), *provider.findall("outgoingServer")):
        if (offer := _offer(server, address)) is not None:
            offers[offer] = None
    name = " ".join((provider.findtext("displayName") or provider.get("id") or "").split())[:80]
    return Found(name, via, tuple(offers), tuple(_notes(provider)))


def _offer(server: ET.Element, address: str) -> Offer | None:
    """None for what cannot or must not be used."""
    kind = server.get("type", "").lower()
    host = host_name(server.findtext("hostname") or "")
    security = _SECURITY.get((server.findtext("socketType") or "").strip().lower())
    port = (server.findtext("port") or "").strip()
    ways = {(found.text or "").strip().lower() for found in server.findall("authentication")}
    if kind not in set(Service) or not host or security is None or not (port.isdecimal() and 0 < int(port) < 65536):
        return None
    login = username((server.findtext("username") or "%EMAILADDRESS%").strip(), address)
    if not login.isprintable() or "%" in login.replace("%%", ""):
        login = address
    return Offer(Service(kind), host, int(port), security, login, "oauth2" in ways)


def _notes(provider: ET.Element) -> list[Note]:
    """What has to be switched on first."""
    notes = []
    for enable in provider.findall("enable"):
        url = enable.get("visiturl", "")
        words = " ".join("".join(enable.itertext()).split())[:200]
        if words:
            notes.append(Note(words, url if url.startswith("https://") else ""))
    return notes

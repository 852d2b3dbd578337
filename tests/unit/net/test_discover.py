"""From an address to its servers: who is believed, what is left out, what is told."""

import threading
from collections.abc import Callable

import pytest

from qtmail.errors import BadInput, MailError, ProtocolError, Refused, Unreachable
from qtmail.model import Security
from qtmail.net.discover import Attempt, Found, Offer, Service, Sources, Via, autoconfig, discover, search
from qtmail.net.discover.providers import PROVIDERS, of_exchanger
from qtmail.net.discover.values import host_name, username

ADDRESS = "alice.doe@example.org"
DOCUMENT = """<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="example.org"><domain>example.org</domain>
  <displayName>Example  Mail</displayName>
  <incomingServer type="imap"><hostname>IMAP.example.org</hostname><port>993</port><socketType>SSL</socketType>
    <username>%EMAILLOCALPART%</username><authentication>OAuth2</authentication>
    <authentication>password-cleartext</authentication></incomingServer>
  <incomingServer type="imap"><hostname>imap.example.org</hostname><port>143</port><socketType>plain</socketType>
    <username>%EMAILADDRESS%</username></incomingServer>
  <incomingServer type="pop3"><hostname>pop.example.org</hostname><port>110</port><socketType>STARTTLS</socketType>
    <username>%EMAILADDRESS%</username></incomingServer>
  <outgoingServer type="smtp"><hostname>smtp.example.org</hostname><port>587</port><socketType>STARTTLS</socketType>
    <username>%EMAILADDRESS%</username></outgoingServer>
  <enable visiturl="https://example.org/settings"><instruction>Switch on IMAP first.</instruction></enable>
</emailProvider></clientConfig>"""
OFFERS = (
    Offer(Service.IMAP, "imap.example.org", 993, Security.TLS, "alice.doe", oauth=True),
    Offer(Service.POP3, "pop.example.org", 110, Security.STARTTLS, ADDRESS),
    Offer(Service.SMTP, "smtp.example.org", 587, Security.STARTTLS, ADDRESS),
)


def test_a_published_configuration_is_read_without_its_open_lines() -> None:
    found = autoconfig.parse(DOCUMENT.encode(), ADDRESS, Via.AUTOCONFIG)
    assert found.provider == "Example Mail"
    assert found.offers == OFFERS
    assert [(note.words, note.url) for note in found.notes] == [
        ("Switch on IMAP first.", "https://example.org/settings")
    ]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html><body>Welcome to the hotel</body></html>",
        b"<clientConfig/>",
        DOCUMENT[:300].encode(),
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + DOCUMENT.encode(),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + DOCUMENT).encode("utf-16"),
        b"<clientConfig>" + b" " * 300_000 + b"</clientConfig>",
        b"\xff\xfe\xff",
    ],
)
def test_what_is_no_configuration_is_refused(document: bytes) -> None:
    with pytest.raises(ProtocolError):
        autoconfig.parse(document, ADDRESS, Via.ISPDB)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<port>993</port>", "<port>99999</port>"),
        ("<port>993</port>", "<port>-1</port>"),
        ("IMAP.example.org", "127.0.0.1"),
        ("IMAP.example.org", "evil.example.org/path"),
        ("IMAP.example.org", "localhost"),
        ("<socketType>SSL</socketType>", "<socketType>none</socketType>"),
        ('type="imap"><hostname>IMAP', 'type="exchange"><hostname>IMAP'),
    ],
)
def test_a_server_that_cannot_be_right_is_left_out(old: str, new: str) -> None:
    found = autoconfig.parse(DOCUMENT.replace(old, new).encode(), ADDRESS, Via.ISPDB)
    assert found.offers == OFFERS[1:]


def test_a_strange_user_name_is_replaced_by_the_address() -> None:
    strange = DOCUMENT.replace("<username>%EMAILLOCALPART%", "<username>%REALNAME%\u202e")
    assert autoconfig.parse(strange.encode(), ADDRESS, Via.ISPDB).offers[0].username == ADDRESS


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Mail.Example.ORG.", "mail.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("localhost", ""),
        ("10.0.0.1", ""),
        ("a b.example", ""),
        ("-a.example", ""),
        ("", ""),
        ("a..b", ""),
    ],
)
def test_what_is_a_host_name(said: str, name: str) -> None:
    assert host_name(said) == name


def test_placeholders() -> None:
    assert username("%EMAILDOMAIN%\\%EMAILLOCALPART%", ADDRESS) == "example.org\\alice.doe"


class World:
    """Sources that know what a test says; everything else is not there."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.records: dict[str, list[tuple[str, int]]] = {}
        self.mx: list[str] = []
        self.greeting: set[tuple[Service, str, int]] = set()
        self.asked: list[str] = []
        self.offline = False
        self.log: list[Attempt] = []

    def web(self, url: str) -> bytes:
        self.asked.append(url)
        if self.offline:
            raise Unreachable("It does not answer.")
        if url not in self.pages:
            raise Refused("It answers 404.")
        return self.pages[url]

    def services(self, name: str) -> list[tuple[str, int]]:
        if self.offline:
            raise Unreachable("No name server answers.")
        return self.records.get(name, [])

    def exchangers(self, _domain: str) -> list[str]:
        if self.offline:
            raise Unreachable("No name server answers.")
        return self.mx

    def greets(self, service: Service, host: str, port: int, _security: Security) -> bool:
        return (service, host, port) in self.greeting

    def find(self, address: str = ADDRESS) -> Found | None:
        sources = Sources(self.web, self.services, self.exchangers, self.greets)
        return discover(address, self.log.append, sources)


AUTOCONFIG = "https://autoconfig.example.org/mail/config-v1.1.xml"


def test_a_known_provider_is_answered_without_asking_anybody() -> None:
    world = World()
    found = world.find("someone@GMAIL.com")
    assert found is not None
    assert (found.provider, found.via) == ("Gmail", Via.BUILT_IN)
    assert [offer.host for offer in found.of(Service.IMAP, Service.SMTP)] == ["imap.gmail.com", "smtp.gmail.com"]
    assert found.offers[0].oauth
    assert found.offers[0].username == "someone@gmail.com"
    assert "password made for this program" in found.notes[0].words
    assert world.asked == []


def test_a_provider_without_servers_says_why() -> None:
    found = World().find("someone@tuta.com")
    assert found is not None
    assert found.offers == ()
    assert found.notes


def test_the_domains_own_word_counts_before_others() -> None:
    world = World()
    world.pages[AUTOCONFIG] = DOCUMENT.encode()
    world.pages[search.ISPDB + "example.org"] = DOCUMENT.replace("imap.example.org", "other.example.net").encode()
    world.records["_imaps._tcp.example.org"] = [("srv.example.org", 993)]
    world.mx = ["aspmx.l.google.com"]
    found = world.find()
    assert found is not None
    assert found.via is Via.AUTOCONFIG
    assert found.offers == OFFERS


def test_nobody_is_told_the_address() -> None:
    world = World()
    world.mx = ["mx.hoster.example"]
    world.find()
    assert world.asked
    assert not [url for url in world.asked if "alice" in url or not url.startswith("https://")]


def test_srv_records() -> None:
    world = World()
    world.records["_imaps._tcp.example.org"] = [("first.example.org", 993), ("second.example.org", 9993)]
    world.records["_submission._tcp.example.org"] = [("out.example.org", 587)]
    found = world.find()
    assert found is not None
    assert found.via is Via.SRV
    assert [(o.service, o.host, o.port, o.security) for o in found.offers] == [
        (Service.IMAP, "first.example.org", 993, Security.TLS),
        (Service.IMAP, "second.example.org", 9993, Security.TLS),
        (Service.SMTP, "out.example.org", 587, Security.STARTTLS),
    ]


def test_the_provider_behind_the_mail_exchanger() -> None:
    world = World()
    world.mx = ["example-org.mail.protection.outlook.com"]
    found = world.find()
    assert found is not None
    assert (found.provider, found.via) == ("Microsoft 365", Via.MX)
    assert found.offers[0].username == ADDRESS


def test_mozillas_list_of_the_mail_exchangers_domain() -> None:
    world = World()
    world.mx = ["mx1.hoster.example"]
    world.pages[search.ISPDB + "hoster.example"] = DOCUMENT.encode()
    found = world.find()
    assert found is not None
    assert found.via is Via.MX
    assert found.offers == OFFERS


def test_guessing_takes_tls_before_starttls_and_only_what_proves_its_name() -> None:
    world = World()
    world.greeting = {
        (Service.IMAP, "imap.example.org", 143),
        (Service.IMAP, "mail.example.org", 993),
        (Service.SMTP, "smtp.example.org", 587),
    }
    found = world.find()
    assert found is not None
    assert [(o.host, o.port) for o in found.offers] == [("mail.example.org", 993), ("smtp.example.org", 587)]


def test_what_the_best_source_lacks_the_next_one_adds() -> None:
    world = World()
    world.records["_imaps._tcp.example.org"] = [("imap.example.org", 993)]
    world.greeting = {(Service.SMTP, "smtp.example.org", 465), (Service.IMAP, "mail.example.org", 993)}
    found = world.find()
    assert found is not None
    assert found.via is Via.SRV
    assert [(o.service, o.host) for o in found.offers] == [
        (Service.IMAP, "imap.example.org"),
        (Service.SMTP, "smtp.example.org"),
    ]


def test_offline_nobody_knows_and_the_log_says_why() -> None:
    world = World()
    world.offline = True
    assert world.find() is None
    outcomes = {attempt.outcome for attempt in world.log if attempt.outcome}
    assert outcomes == {"It does not answer.", "No name server answers.", "knows nothing"}


def test_every_question_is_logged_when_asked_and_when_answered() -> None:
    world = World()
    world.find()
    for via in (Via.AUTOCONFIG, Via.WELL_KNOWN, Via.ISPDB, Via.SRV, Via.MX, Via.GUESS):
        assert [bool(attempt.outcome) for attempt in world.log if attempt.via is via] == [False, True]


def hanging(go: threading.Event) -> Callable[[str], list[str]]:
    def ask(_domain: str) -> list[str]:
        go.wait(20)
        return []

    return ask


def test_a_source_that_hangs_does_not_hold_a_better_answer() -> None:
    world = World()
    world.pages[AUTOCONFIG] = DOCUMENT.encode()
    go = threading.Event()
    sources = Sources(world.web, world.services, hanging(go), world.greets)
    found = discover(ADDRESS, sources=sources)
    assert found is not None
    assert not go.is_set()
    go.set()


def test_it_can_be_stopped() -> None:
    world = World()
    go = threading.Event()
    sources = Sources(world.web, world.services, hanging(go), world.greets)
    assert discover(ADDRESS, sources=sources, stopped=lambda: True) is None
    go.set()


@pytest.mark.parametrize("address", ["", "alice", "@example.org", "alice@", "alice@localhost", "alice@exa mple.org"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(BadInput, match="not an e-mail address"):
        World().find(address)


def test_the_list_of_providers_is_right_in_itself() -> None:
    domains = [domain for provider in PROVIDERS for domain in provider.domains]
    assert len(domains) == len(set(domains))
    for provider in PROVIDERS:
        found = provider.found("someone@example.org", Via.BUILT_IN)
        assert found.complete, provider.name
        for offer in found.offers:
            assert host_name(offer.host) == offer.host
            assert "%" not in offer.username
        for note in found.notes:
            assert note.words.endswith(".")
            assert note.url == "" or note.url.startswith("https://")


def test_the_longest_end_of_an_exchanger_decides() -> None:
    consumer, company = of_exchanger("x.olc.protection.outlook.com"), of_exchanger("a-b.mail.protection.outlook.com")
    assert consumer is not None
    assert company is not None
    assert (consumer.name, company.name) == ("Outlook.com", "Microsoft 365")
    assert of_exchanger("notgoogle.com") is None


def test_an_error_of_a_source_is_no_answer() -> None:
    world = World()
    world.pages[AUTOCONFIG] = b"<html>hotel</html>"

    def odd(_name: str) -> list[tuple[str, int]]:
        raise MailError("It says nonsense.")

    sources = Sources(world.web, odd, world.exchangers, world.greets)
    assert discover(ADDRESS, world.log.append, sources) is None
    assert "It says nonsense." in {attempt.outcome for attempt in world.log}

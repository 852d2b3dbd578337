"""All sources are asked at once; the most trusted one that has an answer is believed."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from qtmail.errors import BadInput, MailError
from qtmail.model import Security
from qtmail.net.discover import asking, autoconfig, providers
from qtmail.net.discover.values import Found, Offer, Service, Via, host_name

ISPDB = "https://autoconfig.thunderbird.net/v1.1/"
LONGEST_S = 10.0
_SRV = (
    *(("_imaps._tcp", Service.IMAP, Security.TLS), ("_imap._tcp", Service.IMAP, Security.STARTTLS)),
    *(("_pop3s._tcp", Service.POP3, Security.TLS), ("_pop3._tcp", Service.POP3, Security.STARTTLS)),
    *(("_submissions._tcp", Service.SMTP, Security.TLS), ("_submission._tcp", Service.SMTP, Security.STARTTLS)),
)
"""RFC 6186, RFC 8314: (label, service, security); TLS from the first byte is better."""
_GUESSES = (
    (Service.IMAP, ("imap", "mail"), ((993, Security.TLS), (143, Security.STARTTLS))),
    (Service.POP3, ("pop", "pop3", "mail"), ((995, Security.TLS), (110, Security.STARTTLS))),
    (Service.SMTP, ("smtp", "mail"), ((465, Security.TLS), (587, Security.STARTTLS))),
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Whom to ask; tests ask others."""

    web: Callable[[str], bytes] = asking.web
    services: Callable[[str], list[tuple[str, int]]] = field(default_factory=lambda: asking.Dns().services)
    exchangers: Callable[[str], list[str]] = field(default_factory=lambda: asking.Dns().exchangers)
    greets: Callable[[Service, str, int, Security], bool] = asking.greets


@dataclass(frozen=True, slots=True)
class Attempt:
    """A line for the log that the user sees."""

    via: Via
    what: str
    """Who was asked."""
    outcome: str
    """In words; "" while it is being asked."""
    found: bool = False


_Question = tuple[Via, str, Callable[[], Found | None]]
_Answer = tuple[Via, Found | None]


def discover(
    address: str,
    report: Callable[[Attempt], None] = lambda attempt: None,
    sources: Sources | None = None,
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> Found | None:
    """The servers for an address, or None: nobody knows them. Takes at most LONGEST_S; `report` is called from any
    thread. Raises BadInput for what is no address."""
    local, _, said = address.strip().rpartition("@")
    domain = host_name(said)
    if not local or not domain:
        raise BadInput(f"“{address}” is not an e-mail address.", hint="It looks like name@example.org.")
    address = f"{local}@{domain}"
    if (provider := providers.of_domain(domain)) is not None:
        found = provider.found(address, Via.BUILT_IN)
        report(Attempt(Via.BUILT_IN, provider.name, "is known to this program", found=True))
        return found
    asked = list(_questions(address, domain, sources or Sources()))
    answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
    for question in asked:
        threading.Thread(target=_ask, args=(question, answers, report), name="discover", daemon=True).start()
    return _best([via for via, _, _ in asked], answers, stopped)


def _best(open_: list[Via], answers: "queue.SimpleQueue[_Answer]", stopped: Callable[[], bool]) -> Found | None:
    """Wait until no better answer can come. What one source leaves out (no server for sending), the next one adds."""
    found: list[Found] = []
    deadline = time.monotonic() + LONGEST_S
    while open_ and not stopped() and (left := deadline - time.monotonic()) > 0:
        try:
            via, answer = answers.get(timeout=min(left, 0.1))
        except queue.Empty:
            continue
        open_.remove(via)
        if answer is not None:
            found.append(answer)
            found.sort(key=lambda one: one.via)
            if found[0].complete and all(found[0].via <= other for other in open_):
                break
    if not found:
        return None
    best = found[0]
    for other in found[1:]:
        if not best.complete:
            had = {offer.service for offer in best.offers}
            best = replace(best, offers=(*best.offers, *(o for o in other.offers if o.service not in had)))
    return best


def _ask(question: _Question, answers: "queue.SimpleQueue[_Answer]", report: Callable[[Attempt], None]) -> None:
    via, what, ask = question
    report(Attempt(via, what, ""))
    found = None
    try:
        found = ask()
        outcome = "knows the servers" if found is not None else "knows nothing"
    except MailError as error:
        outcome = str(error)
    report(Attempt(via, what, outcome, found is not None))
    answers.put((via, found))


def _questions(address: str, domain: str, sources: Sources) -> Iterator[_Question]:
    own = f"https://autoconfig.{domain}/mail/config-v1.1.xml"
    well_known = f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml"

    def published(url: str, via: Via) -> Callable[[], Found | None]:
        return lambda: _useful(autoconfig.parse(sources.web(url), address, via))

    yield Via.AUTOCONFIG, f"autoconfig.{domain}", published(own, Via.AUTOCONFIG)
    yield Via.WELL_KNOWN, domain, published(well_known, Via.WELL_KNOWN)
    yield Via.ISPDB, "Mozilla's list of providers", published(f"{ISPDB}{domain}", Via.ISPDB)
    yield Via.SRV, f"DNS of {domain}", lambda: _by_srv(address, domain, sources)
    yield Via.MX, f"Mail exchangers of {domain}", lambda: _by_exchanger(address, domain, sources)
    yield Via.GUESS, f"Usual names at {domain}", lambda: _by_guess(address, domain, sources)


def _useful(found: Found) -> Found | None:
    return found if found.offers else None


def _by_srv(address: str, domain: str, sources: Sources) -> Found | None:
    offers = []
    for label, service, security in _SRV:
        for host, port in sources.services(f"{label}.{domain}"):
            offers.append(Offer(service, host, port, security, address))
    return Found(domain, Via.SRV, tuple(offers)) if offers else None


def _by_exchanger(address: str, domain: str, sources: Sources) -> Found | None:
    """The provider that receives the domain's mail; else what the ISPDB has of the exchanger's own domain."""
    exchangers = sources.exchangers(domain)
    for host in exchangers:
        if (provider := providers.of_exchanger(host)) is not None:
            return provider.found(address, Via.MX)
    for other in dict.fromkeys(".".join(host.split(".")[-2:]) for host in exchangers):
        if other != domain:
            try:
                return _useful(autoconfig.parse(sources.web(f"{ISPDB}{other}"), address, Via.MX))
            except MailError:
                continue
    return None


def _by_guess(address: str, domain: str, sources: Sources) -> Found | None:
    """Servers under the usual names, if they prove by their certificate that they are the domain's."""
    offers: list[Offer | None] = [None] * len(_GUESSES)

    def look(place: int) -> None:
        service, names, ways = _GUESSES[place]
        for port, security in ways:
            for host in (*(f"{name}.{domain}" for name in names), domain):
                if sources.greets(service, host, port, security):
                    offers[place] = Offer(service, host, port, security, address)
                    return

    threads = [threading.Thread(target=look, args=(place,), daemon=True) for place in range(len(_GUESSES))]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + LONGEST_S
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))
    made = tuple(offer for offer in offers if offer is not None)
    return Found(domain, Via.GUESS, made) if made else None

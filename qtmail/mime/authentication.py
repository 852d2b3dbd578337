"""What the receiving server found out about the sender (RFC 8601), believed only when it was our server that wrote it.

The header is free text that anybody can put into a mail. A server that adds its own has to remove those that bear its
name (RFC 8601, 5); so the topmost one counts, and only above the first hop that is not ours.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from qtmail.mime import headers
from qtmail.mime.domains import organisation, same_organisation

_MOST = 50
_FIELD = re.compile(
    rb"^(authentication-results|received)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"^\s*([a-z0-9-]{2,30})\s*=\s*([a-z]{2,20})\b(.*)$", re.IGNORECASE | re.DOTALL)
_PROPERTY = re.compile(r"\b(?:smtp|header|policy)\.([a-z0-9-]{1,30})\s*=\s*\"?([^\s;\"]{1,255})", re.IGNORECASE)
_BY = re.compile(r"\bby\s+([^\s;()]+)", re.IGNORECASE)
_WITH = re.compile(r"\bwith\s+([a-z0-9]+)", re.IGNORECASE)
# The same house under several names: who receives mail for one writes its results under the other.
_HOUSES = (
    frozenset({"google.com", "gmail.com", "googlemail.com"}),
    frozenset({"outlook.com", "office365.com", "hotmail.com", "live.com", "msn.com", "protection.outlook.com"}),
    frozenset({"yahoo.com", "yahoodns.net", "ymail.com", "rocketmail.com", "aol.com"}),
    frozenset({"icloud.com", "me.com", "mac.com", "apple.com"}),
    frozenset({"messagingengine.com", "fastmail.com", "fastmail.fm"}),
    frozenset({"gmx.net", "gmx.de", "gmx.com", "web.de", "mail.com"}),
)


class Verdict(StrEnum):
    PASSED = "passed"
    """The domain in From has confirmed this mail."""
    FAILED = "failed"
    NONE = "none"
    """Nothing is known: no header of our own server, or nothing conclusive in it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One result: "dkim" "pass" for "example.org"."""

    method: str
    result: str
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Authentication:
    """All results of our own server; `server` is empty when it wrote none."""

    server: str = ""
    checks: tuple[Check, ...] = ()
    verdict: Verdict = Verdict.NONE
    signed_by: str = ""
    """The domain of a good DKIM signature, the author's own first."""
    hops: int = 0
    hops_encrypted: int = 0
    """How many of the hops say that they used TLS (RFC 3848); their own word, ours excepted."""


def authentication(raw: bytes, author: str, receivers: Collection[str]) -> Authentication:
    """What is known of the author of this message. Never raises.

    author: the addr-spec in From. receivers: hosts of the account's own servers and the domain of its address.
    """
    end, _ = headers.end_of_headers(raw)
    server, checks, closed = "", [], False
    hops: list[str] = []
    for name, value in _FIELD.findall(raw[: min(end, 1_000_000)])[: _MOST * 4]:
        text = headers.clean(headers.text_of(value))
        if name.lower() == b"received":
            hops.append(text)
            by = _BY.search(_COMMENT.sub(" ", text))
            closed = closed or bool(server) or by is None or not _is_ours(by[1], receivers)
        elif not closed:
            id_, found = _results(text)
            if id_ == server or (not server and _is_ours(id_, receivers)):
                server = id_
                checks += found
    domain = author.rpartition("@")[2].lower()
    encrypted = sum(1 for hop in hops if (how := _WITH.search(hop)) and _is_encrypted(how[1], hop))
    return Authentication(
        server, tuple(checks[:_MOST]), _verdict(checks, domain), _signed_by(checks, domain), len(hops), encrypted
    )


def _is_ours(host: str, receivers: Collection[str]) -> bool:
    if not host or not any(receivers):
        return False
    theirs = organisation(host)
    for receiver in receivers:
        ours = organisation(receiver)
        if theirs == ours or any(theirs in house and ours in house for house in _HOUSES):
            return True
    return False


def _results(text: str) -> tuple[str, list[Check]]:
    """(authserv-id, results) of one header."""
    for _ in range(5):
        text = _COMMENT.sub(" ", text)
    id_, *pieces = text.split(";")
    found: list[Check] = []
    for piece in pieces[:_MOST]:
        if matched := _RESULT.match(piece):
            said = {name.lower(): value for name, value in _PROPERTY.findall(matched[3])}
            subject = next((said[key] for key in ("d", "i", "mailfrom", "from", "helo") if key in said), "")
            method = matched[1].lower()
            found.append(Check(method, matched[2].lower(), subject.rpartition("@")[2].strip("<>").lower()))
    return (id_.split() or [""])[0].lower(), found


def _aligned(checks: Collection[Check], method: str, domain: str) -> bool:
    return any(
        check.method == method and check.result == "pass" and same_organisation(check.domain, domain)
        for check in checks
    )


def _verdict(checks: Collection[Check], domain: str) -> Verdict:
    dmarc = {check.result for check in checks if check.method == "dmarc"}
    if dmarc & {"fail", "reject", "quarantine"} and "pass" not in dmarc:
        return Verdict.FAILED
    if "pass" in dmarc or _aligned(checks, "dkim", domain) or _aligned(checks, "spf", domain):
        return Verdict.PASSED
    results = {(check.method, check.result) for check in checks if same_organisation(check.domain, domain)}
    if ("dkim", "fail") in results or ("spf", "fail") in results:
        return Verdict.FAILED
    return Verdict.NONE


def _signed_by(checks: Collection[Check], domain: str) -> str:
    signers = [check.domain for check in checks if check.method == "dkim" and check.result == "pass" and check.domain]
    own = [signer for signer in signers if same_organisation(signer, domain)]
    return (own or signers or [""])[0]


def _is_encrypted(how: str, hop: str) -> bool:
    how = how.upper()
    return how in ("ESMTPS", "ESMTPSA", "LMTPS", "LMTPSA", "UTF8SMTPS", "UTF8SMTPSA", "HTTPS") or "TLS" in hop.upper()

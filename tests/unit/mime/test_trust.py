"""Who really wrote, whose server says so, and where links really lead."""

import pytest

from qtmail.mime.authentication import Verdict, authentication
from qtmail.mime.domains import imitated, organisation, same_organisation
from qtmail.mime.links import misleading, named_host, readable, without_tracking
from qtmail.mime.parse import parse

OURS = ("imap.example.test", "example.test")
RECEIVED = (
    "Received: from a.example.org (x) by mx.example.test (Postfix) with ESMTPS id 1;\r\n"
    "\tMon, 20 Nov 2023 08:00:00 +0000\r\n"
)
THEIRS = "Received: from laptop by a.example.org with ESMTP id 2; Mon, 20 Nov 2023 07:59:00 +0000\r\n"
GOOD = (
    "Authentication-Results: mx.example.test 1; dkim=pass (2048-bit key) header.d=example.org header.s=s1;\r\n"
    "\tspf=pass smtp.mailfrom=bounce@example.org; dmarc=pass (p=reject) header.from=example.org\r\n"
)


def found(*head: str, author: str = "bo@example.org", receivers: tuple[str, ...] = OURS) -> tuple[str, Verdict, str]:
    raw = "".join((*head, f"From: {author}\r\n\r\nx")).encode()
    known = authentication(raw, author, receivers)
    return known.server, known.verdict, known.signed_by


def test_our_own_servers_word_is_believed() -> None:
    assert found(GOOD, RECEIVED, THEIRS) == ("mx.example.test", Verdict.PASSED, "example.org")
    assert found(RECEIVED, GOOD, THEIRS) == ("mx.example.test", Verdict.PASSED, "example.org")
    known = authentication((GOOD + RECEIVED + THEIRS + "\r\n").encode(), "bo@example.org", OURS)
    assert [(check.method, check.result, check.domain) for check in known.checks] == [
        ("dkim", "pass", "example.org"),
        ("spf", "pass", "example.org"),
        ("dmarc", "pass", "example.org"),
    ]
    assert (known.hops, known.hops_encrypted) == (2, 1)


def test_nobody_elses_is() -> None:
    nothing = ("", Verdict.NONE, "")
    assert found(GOOD.replace("mx.example.test", "mx.evil.test"), RECEIVED) == nothing
    assert found(RECEIVED, THEIRS, GOOD) == nothing
    assert found(GOOD, RECEIVED, receivers=()) == nothing
    assert found(GOOD.replace("mx.example.test", "mx.example.test.evil.org"), RECEIVED) == nothing
    assert found(RECEIVED) == nothing


def test_a_forged_one_below_ours_does_not_count() -> None:
    bad = "Authentication-Results: mx.example.test; dmarc=fail header.from=example.org\r\n"
    for below in ((RECEIVED, THEIRS, GOOD), (RECEIVED, GOOD), (GOOD.replace("mx.", "mx2."), RECEIVED)):
        assert found(bad, *below)[1] is Verdict.FAILED


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ("dmarc=pass header.from=example.org", Verdict.PASSED),
        ("dkim=pass header.i=@mail.example.org", Verdict.PASSED),
        ("spf=pass smtp.mailfrom=example.org", Verdict.PASSED),
        ("dkim=pass header.d=mailer.test; spf=pass smtp.mailfrom=mailer.test", Verdict.NONE),
        ("dmarc=fail action=none header.from=example.org", Verdict.FAILED),
        ("dkim=fail header.d=example.org", Verdict.FAILED),
        ("spf=fail smtp.mailfrom=x@example.org", Verdict.FAILED),
        ("none", Verdict.NONE),
        ("dkim=neutral; spf=none; dmarc=none", Verdict.NONE),
        (";;;=;dkim==;spf", Verdict.NONE),
    ],
)
def test_what_follows_from_the_results(results: str, verdict: Verdict) -> None:
    assert found(f"Authentication-Results: mx.example.test; {results}\r\n")[1] is verdict


def test_large_houses_have_several_names() -> None:
    head = GOOD.replace("mx.example.test 1", "mx.google.com")
    assert found(head, receivers=("imap.gmail.com", "own.test"))[1] is Verdict.PASSED


# ---- domains -----------------------------------------------------------------------------------------------------


def test_whose_host_it_is() -> None:
    assert organisation("a.b.example.co.uk") == "example.co.uk"
    assert organisation("10.0.0.1") == "10.0.0.1"
    assert organisation("localhost") == "localhost"
    assert organisation("") == ""
    assert same_organisation("www.example.org", "EXAMPLE.org.")
    assert not same_organisation("a.github.io", "b.github.io")
    assert not same_organisation("", "")


@pytest.mark.parametrize(
    ("host", "like"),
    [
        ("xn--pypal-4ve.com", "paypal.com"),
        ("xn--80ak6aa92e.com", "apple.com"),
        ("xn--mnchen-3ya.de", ""),
        ("xn--e1afmkfd.xn--p1ai", ""),
        ("example.org", ""),
        ("xn--zzzzzz.com", ""),
    ],
)
def test_what_a_domain_would_be_taken_for(host: str, like: str) -> None:
    assert imitated(host) == like


# ---- what a reader is told ---------------------------------------------------------------------------------------


def warned(head: str) -> str:
    return " ".join(parse(f"{head}\r\nDate: Mon, 20 Nov 2023 08:00:00 +0000\r\n\r\nx".encode()).warnings)


def test_names_that_deceive_are_told() -> None:
    assert "paypal.com" in warned("From: Service <service@xn--pypal-4ve.com>")
    assert "direction" in warned("From: =?utf-8?q?Bank_=E2=80=AEmoc?= <a@b.test>")
    assert "direction" in warned("From: a@b.test\r\nSubject: invoice\u202ecod.exe")
    assert "Answers go to eve@other.test" in warned("From: Bo <bo@example.org>\r\nReply-To: eve@other.test")
    for innocent in (
        "From: Bo <bo@example.org>\r\nReply-To: team@mail.example.org",
        "From: Bo <bo@example.org>\r\nReply-To: list@lists.test\r\nList-Post: <mailto:list@lists.test>",
        "From: München <post@xn--mnchen-3ya.de>\r\nSubject: مرحبا",
    ):
        assert warned(innocent) == ""


# ---- links -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "host"),
    [
        ("https://www.bank.test/login", "www.bank.test"),
        ("bank.com", "bank.com"),
        (" » bank.com/x?y ", "bank.com"),
        ("Click here", ""),
        ("report.pdf", ""),
        ("see bank.com today", ""),
        ("bücher.example", "bücher.example"),
        ("1.2.3", ""),
    ],
)
def test_words_that_name_a_host(words: str, host: str) -> None:
    assert named_host(words) == host


def test_links_that_say_one_thing_and_lead_elsewhere() -> None:
    html = (
        '<a href="https://evil.test/x">https://www.bank.com/login</a><a href="https://mail.bank.com/y">bank.com</a>'
        '<a href="https://evil.test/z">Log in</a><a href="mailto:a@b.test">bank.com</a>'
        '<a href="https://e.test/">bank<b>.com</b></a>'
    )
    assert misleading(html) == {"https://evil.test/x": "www.bank.com", "https://e.test/": "bank.com"}


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("https://a.test/x?utm_source=n&id=7&fbclid=z#top", "https://a.test/x?id=7#top"),
        ("https://a.test/x?mc_eid=1", "https://a.test/x"),
        ("https://a.test/x?id=7&q=a%20b", "https://a.test/x?id=7&q=a%20b"),
        ("https://a.test/", "https://a.test/"),
        ("mailto:a@b.test?subject=utm_source", "mailto:a@b.test?subject=utm_source"),
        ("https://[/?utm_source=x", "https://[/?utm_source=x"),
    ],
)
def test_parameters_that_tell_who_clicked(url: str, left: str) -> None:
    assert without_tracking(url) == left


def test_an_address_for_eyes() -> None:
    assert readable("https://xn--mnchen-3ya.de/a") == "https://xn--mnchen-3ya.de/a   (münchen.de)"
    assert readable("https://example.org/a\u202e") == "https://example.org/a"

"""Received bytes to values: the stored messages, the facts both readers agree on, and bytes nobody meant as mail."""

import email
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.mime import parts
from qtmail.mime.parse import header_block, parse, parse_headers, part_bytes, summarise
from qtmail.model import Address, Message
from tests.unit.mime.samples import SOON, names, raw


@pytest.mark.parametrize(
    ("name", "subject", "author", "words"),
    [
        ("plain-ascii", "Lunch on Thursday?", "Bo Lindqvist", "the usual place?\n\nOn 22 Nov"),
        ("plain-flowed-qp", "Grüße aus Köln", "Jürgen Groß", "zwei  Zeilen verteilt, grüßt aber als einer."),
        ("japanese-iso-2022-jp", "会議の件", "山田太郎", "明日の会議は十時からです。"),
        ("russian-koi8r-label", "Привет из Москвы, завтра приеду", "Анна Петрова", "Завтра приеду в полдень."),
        ("thai-windows-874", "Thai", "Somchai", "สวัสดีครับ"),
        ("raw-8bit-headers", "Déjà vu", "Zoé Müller", "Ça va très bien, merci à tous."),
        ("octets-in-qp", "8-bit in quoted-printable", "Bo", "naïve ä 100% =ZZ soft break"),
        ("html-meta-charset", "Only HTML", "Bo", "ячейка  вторая"),
        ("control-characters", "a b …c", "Bo [31m", "bell nul esc[0m end"),
        ("lf-only", "Unix line ends", "Bo", "first\nsecond"),
        ("cr-only", "Old line ends", "Bo", "first\nsecond"),
        ("missing-boundary", "No parts at all", "Bo", "Just words."),
        ("mailing-list", "[gardeners] Slugs", "Carla", "beer traps.\n_____"),
        ("apple-mixed", "Two pages", "Bo Lindqvist", "Before the picture.\n\nAfter the picture."),
        ("bounce-report", "Undelivered Mail Returned to Sender", "Mail Delivery System", "could not be delivered"),
    ],
)
def test_subject_author_and_words(name: str, subject: str, author: str, words: str) -> None:
    message = parse(raw(name))
    assert message.subject == subject
    assert message.from_[0].name == author
    assert words in message.text


def test_a_body_without_headers_is_shown() -> None:
    assert parse(raw("no-headers")).text == "Only a body, no header at all.\n"
    assert "PNG" in parse(raw("not-mail")).text


def test_attachment_names_of_every_spelling() -> None:
    message = parse(raw("attachment-names"))
    assert [part.name for part in message.parts] == ["請求書.pdf", "Käufe.csv", "evil; name.exe", "fix.patch"]
    assert [part_bytes(raw("attachment-names"), part.index) for part in message.parts[:3]] == [
        b"%PDF-1.4\n",
        b"a,b\n",
        b"MZ",
    ]


def test_base64_without_padding_and_cut_off_is_read_as_far_as_it_goes() -> None:
    message = parse(raw("no-closing-boundary"))
    assert message.text == "The beginning"
    assert part_bytes(raw("no-closing-boundary"), message.parts[0].index) == b"%PDF-1."


def test_a_picture_the_html_shows_is_inline_and_others_are_attachments() -> None:
    message = parse(raw("inline-picture"))
    assert [(part.name, part.inline) for part in message.parts] == [("logo.png", True), ("unused.png", False)]
    assert summarise(raw("inline-picture")).attachment_names == ("unused.png",)


def test_an_attached_message_comes_out_whole() -> None:
    whole = raw("forwarded-message")
    (part,) = parse(whole).parts
    inner = parse(part_bytes(whole, part.index))
    assert part.type == "message/rfc822"
    assert inner.subject == "Contract"
    assert inner.parts[0].name == "c.pdf"


def test_html_parts_around_an_attachment_are_all_shown() -> None:
    html = parse(raw("apple-mixed")).html
    assert html.index("Before") < html.index("After")


def test_a_list_footer_is_in_the_html_too() -> None:
    message = parse(raw("mailing-list"))
    assert "gardeners mailing list" in message.html
    assert message.list_post == "gardeners@lists.example.test"


def test_machinery_is_no_attachment() -> None:
    assert summarise(raw("signed-pgp")).attachments == 0
    assert summarise(raw("bounce-report")).attachments == 1


def test_two_from_headers_are_flagged_and_the_first_counts() -> None:
    message = parse(raw("two-from"))
    assert [one.address for one in message.from_] == ["service@bank.example.test"]
    assert any(warning.startswith("Two From headers") for warning in message.warnings)


def test_a_name_that_looks_like_an_address_changes_nothing_and_is_flagged() -> None:
    message = parse(raw("forged-name"))
    assert message.from_[0].address == "mallory@evil.example.test"
    assert any("looks like an address" in warning for warning in message.warnings)
    assert message.subject == "Hello Bcc: x@y"


def test_direction_marks_are_taken_out_of_names() -> None:
    message = parse(raw("direction-marks"))
    assert message.parts[0].name == "invoice fdp.exe"
    assert "\u202e" not in message.from_[0].name


def test_recipients_in_groups_and_with_unquoted_commas() -> None:
    message = parse(raw("group-recipients"))
    assert message.to == (
        Address("Bo", "bo@example.test"),
        Address("Doe, Jane", "jane@example.test"),
        Address("Smith, John", "john@example.test"),
    )
    assert message.cc == ()
    assert message.from_ == (Address("Cron Daemon", "root"),)


def test_message_ids_survive_folding_and_comments() -> None:
    message = parse(raw("long-references"))
    assert message.references == ("<p1@example.test>", "<p2@example.test>", "<p3@example.test>", "<p1@example.test>")
    assert message.in_reply_to == ("<p3@example.test>",)
    assert message.message_id == "<ref-1@example.test>"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mon, 23 Nov 2026 10:14:00 +0100", (1795425240, 60)),
        ("Mon, 23 Nov 2026 04:14:00 EST", (1795425240, -300)),
        ("23 Nov 26 09:14:00 GMT", (1795425240, 0)),
        ("Mon, 23 Nov 2026 10:14:00 +0100 (CET)", (1795425240, 60)),
        ("Mon, 23 Nov 2026 14:44:00 +0530", (1795425240, 330)),
        ("yesterday", (None, 0)),
        ("Mon, 32 Foo 99999 99:99:99 +9999", (None, 0)),
        ("Thu, 1 Jan 1600 00:00:00 +0000", (None, 0)),
        ("", (None, 0)),
    ],
)
def test_dates(written: str, expected: tuple[int | None, int]) -> None:
    facts = parse_headers(f"Date: {written}\r\n\r\n".encode())
    assert (facts.date, facts.date_zone) == expected


def test_preview_is_what_the_author_wrote() -> None:
    assert summarise(raw("plain-ascii")).preview == "Hi Alice, shall we meet at noon, at the usual place?"
    long = summarise(b"From: a@b\r\n\r\n" + b"word " * 100).preview
    assert len(long) <= 140
    assert long.endswith("…")


def test_header_block_is_the_headers_as_written() -> None:
    assert header_block(raw("long-references")).count("\n ") == 2
    assert "gardeners@lists" in header_block(raw("mailing-list"))


def _facts(message: Message) -> tuple[object, ...]:
    return (
        *(message.subject, message.from_, message.sender, message.reply_to, message.to, message.cc, message.bcc),
        *(message.date, message.date_zone, message.message_id, message.in_reply_to, message.references),
    )


def _agree(data: bytes) -> None:
    message, summary = parse(data), summarise(data)
    facts = summary.facts
    assert _facts(message) == (
        *(facts.subject, facts.from_, facts.sender, facts.reply_to, facts.to, facts.cc, facts.bcc),
        *(facts.date, facts.date_zone, facts.message_id, facts.in_reply_to, facts.references),
    )
    machinery = {"application/pgp-signature", "message/delivery-status"}
    shown = [part for part in message.parts if not part.inline and part.type not in machinery]
    assert summary.attachments == len(shown)
    assert summary.attachment_names == tuple(part.name for part in shown if part.name)
    for part in message.parts[:3]:
        part_bytes(data, part.index)
    _storable(message)


def _storable(message: Message) -> None:
    """Nothing that a database or a screen cannot take: no lone surrogates, no NUL."""
    for text in (message.text, message.html, message.subject, *(part.name for part in message.parts)):
        text.encode("utf-8")
        assert "\0" not in text


@pytest.mark.parametrize("name", names())
def test_the_summary_has_the_facts_of_the_message(name: str) -> None:
    _agree(raw(name))
    for part in parse(raw(name)).parts:
        assert len(part_bytes(raw(name), part.index)) == part.size


@pytest.mark.parametrize("name", names())
def test_the_header_fields_alone_give_the_same_facts(name: str) -> None:
    whole = raw(name)
    head = parse_headers(whole)
    assert head == summarise(whole).facts


@pytest.mark.parametrize("name", names())
def test_structure_is_the_one_the_standard_library_finds(name: str) -> None:
    """email (compat32) as the second opinion on well-formed messages."""
    if name in {"not-mail", "control-characters", "cr-only"}:  # it reads these otherwise, and not better
        assert parts.cut(raw(name)).leaves
        return
    seen = email.message_from_bytes(raw(name))
    expected: list[tuple[str, bytes | None]] = []
    stack = [seen]
    while stack:
        part = stack.pop()
        if part.get_content_type() == "message/rfc822" or not part.is_multipart():
            payload = None if part.is_multipart() else part.get_payload(decode=True)
            expected.append((part.get_content_type(), payload if isinstance(payload, bytes) else None))
        elif part.get_content_type() == "message/delivery-status":
            expected.append((part.get_content_type(), None))
        else:
            stack.extend(reversed(part.get_payload()))  # type: ignore[arg-type]
    found = parts.cut(raw(name)).leaves
    kinds = ["text/plain" if kind.startswith("multipart/") else kind for kind, _ in expected]
    assert [leaf.type for leaf in found] == kinds
    if name == "no-closing-boundary":  # the standard library gives up on base64 without padding
        return
    for leaf, (_, payload) in zip(found, expected, strict=True):
        if payload is not None:
            assert parts.content(raw(name), leaf).replace(b"\r\n", b"\n") == payload.replace(b"\r\n", b"\n")


@SOON
@given(st.binary(max_size=400))
def test_any_bytes_can_be_opened(data: bytes) -> None:
    _agree(data)


_PIECES = st.sampled_from(
    [
        b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b";", b",", b"<", b">", b"(", b"\"", b"\\", b"=?", b"?=",
        b"=?utf-8?q?",
        b"=?iso-2022-jp?b?", b"=?utf-7?q?+2AA-?=", b"--x", b"--x--", b"\0", b"\xff", b"\xe4", b"=", b"%",
        b"From: ", b"To: ", b"Date: ", b"Content-Type: ", b"multipart/mixed", b"multipart/alternative", b"; boundary=x",
        b"text/html", b"text/plain", b"; charset=utf-16", b"; charset=utf-7", b"; charset=\"", b"; format=flowed",
        b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Transfer-Encoding: x-uuencode", b"begin 644 x\n", b"Content-Disposition: attachment; filename*0*=",
        b"filename*=utf-8''%ff%00", b"Content-ID: <a>", b"<img src=cid:a>", b"message/rfc822", b"+2AA-", b"a@b",
        b"word",    ]
)  # fmt: skip


@SOON
@given(st.lists(_PIECES, max_size=60).map(b"".join))
def test_any_pile_of_mail_shards_can_be_opened(data: bytes) -> None:
    _agree(data)


@SOON
@given(
    st.sampled_from(names()),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.one_of(st.binary(max_size=6), _PIECES)), max_size=4),
)
def test_any_damaged_message_can_be_opened(name: str, damages: list[tuple[float, int, bytes]]) -> None:
    data = raw(name)
    for where, cut, put in damages:
        at = int(where * len(data))
        data = data[:at] + put + data[at + cut :]
    _agree(data)


def _nested(levels: int) -> bytes:
    head = b"From: a@b\r\n"
    body = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(levels)
    )
    return head + body + b"Content-Type: text/plain\r\n\r\nthe heart"


def test_nesting_is_followed_to_a_depth_and_no_further() -> None:
    assert parse(_nested(40)).text == "the heart"
    deep = parse(_nested(5_000))
    assert any("nested more than" in warning for warning in deep.warnings)


def test_parts_are_counted_to_a_thousand() -> None:
    many = parse(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\nContent-Type: a/b\r\n\r\n\r\n" * 3_000)
    assert len(many.parts) <= 1_001
    assert any("parts" in warning for warning in many.warnings)


@pytest.mark.parametrize(
    "data",
    [
        b"To: " + b"(" * 200_000,
        b"To: " + b'"\\' * 200_000,
        b"To: " + b"<a@b," * 100_000,
        b"Subject: " + b"=?utf-8?q?a?= " * 100_000,
        b"Subject: " + b"=?" * 200_000,
        b"Content-Type: text/plain; a=" + b'"\\"' * 200_000,
        b"X:\r\n" + b" \r\n" * 300_000,
        b"From: a@b\r\n\r\n" + b">" * 500_000,
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000,
        b"Content-Type: text/html\r\n\r\n" + b"<!--" * 200_000,
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--xx" * 300_000,
        b"\n\r" * 300_000,
        b"Content-Type: text/plain; charset=utf-7\r\n\r\n" + b"+2AA-" * 100_000,
    ],
    ids=lambda data: repr(data[:30]),
)
def test_hostile_sizes_take_bounded_time(data: bytes) -> None:
    """A generous bound: what is quadratic here takes minutes."""
    began = time.process_time()
    _agree(data)
    assert time.process_time() - began < 15

"""Drafts to bytes and back: nothing changes on the way, and nothing typed can become a header."""

import email
import email.policy
import getpass
import re
import socket
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.mime.build import build, envelope, new_message_id, without_bcc
from qtmail.mime.draft import draft_from
from qtmail.mime.parse import parse, part_bytes
from qtmail.model import (
    Account,
    AccountKey,
    Address,
    AttachmentRef,
    ContentHash,
    Draft,
    Protocol,
    RowId,
    Server,
)
from tests.unit.mime.samples import SOON, names, raw

ME = Address("Alice Example", "alice@example.test")
BO = Address("Bo", "bo@example.test")
ACCOUNT = Account(AccountKey("k"), "Work", ME.address, ME.name, Protocol.IMAP, Server("localhost", 143), None)


class Shelf:
    """Contents by hash, as the store keeps them."""

    def __init__(self) -> None:
        self.kept: dict[ContentHash, bytes] = {}

    def keep(self, data: bytes) -> ContentHash:
        key = ContentHash(sha256(data).digest())
        self.kept[key] = data
        return key

    def attach(self, name: str, kind: str, data: bytes, content_id: str = "") -> AttachmentRef:
        return AttachmentRef(name, kind, len(data), self.keep(data), content_id)

    def made(self, draft: Draft) -> bytes:
        return build(draft, self.kept.__getitem__, date=1795425240, zone=60)


def draft(**changes: object) -> Draft:
    values: dict[str, object] = {
        "id": None,
        "account": ACCOUNT.key,
        "from_": ME,
        "to": (BO,),
        "subject": "Hi",
        "text": "Hi",
    }
    return Draft(**{**values, **changes})  # type: ignore[arg-type]


def made(**changes: object) -> bytes:
    return Shelf().made(draft(**changes))


def header_names(whole: bytes) -> list[str]:
    head = whole.partition(b"\r\n\r\n")[0].decode()
    return re.findall(r"^([^\s:]+):", head, re.MULTILINE)


def test_a_plain_mail_is_plain() -> None:
    whole = made(message_id="<1@example.test>")
    assert whole == (
        b"Date: Mon, 23 Nov 2026 10:14:00 +0100\r\n"
        b"From: Alice Example <alice@example.test>\r\n"
        b"To: Bo <bo@example.test>\r\n"
        b"Subject: Hi\r\n"
        b"Message-ID: <1@example.test>\r\n"
        b"User-Agent: qtmail/0.1.0\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=us-ascii\r\n"
        b"Content-Transfer-Encoding: 7bit\r\n\r\nHi\r\n"
    )


def test_the_program_need_not_be_named() -> None:
    whole = build(draft(), Shelf().kept.__getitem__, date=0, user_agent=False)
    assert b"qtmail" not in whole


_WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=120)
_LINES = st.text(
    st.one_of(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), st.sampled_from(" \n")), max_size=400
)
_NAMES = st.sampled_from(
    ["", "Bo", "Doe, Jane", 'Bo "the" B', "山田 太郎", "Zoë 😀", "O'Neil", "a@b.test", "=?utf-8?q?x?=", "(x)", "Ł" * 90]
)


@SOON
@given(_WORDS, _LINES, st.lists(_NAMES, min_size=1, max_size=4), _NAMES)
def test_what_was_written_arrives(subject: str, text: str, recipients: list[str], author: str) -> None:
    to = tuple(Address(name, f"r{number}@example.test") for number, name in enumerate(recipients))
    whole = made(subject=subject, text=text, to=to, from_=Address(author, ME.address))
    message = parse(whole)
    assert message.subject == " ".join(subject.split())
    assert message.to == to
    assert message.from_ == (Address(author, ME.address),)
    assert message.text.rstrip("\n") == text.rstrip("\n")
    assert whole.isascii()
    assert max(map(len, whole.split(b"\r\n"))) <= 998
    assert b"\n" not in whole.replace(b"\r\n", b"")


@SOON
@given(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "S")), min_size=1, max_size=150),
    st.binary(max_size=300),
    st.sampled_from(["application/pdf", "text/plain", "image/png", "", "nonsense", "multipart/mixed", "a/b\r\nX: y"]),
)
def test_files_arrive_with_name_and_bytes(stem: str, data: bytes, kind: str) -> None:
    shelf = Shelf()
    name = f"{stem}.bin"
    whole = shelf.made(draft(attachments=(shelf.attach(name, kind, data),)))
    (part,) = parse(whole).parts
    assert part.name == name
    assert part_bytes(whole, part.index) == data
    assert not part.inline
    assert "X" not in header_names(whole)


def test_the_standard_library_reads_the_same() -> None:
    shelf = Shelf()
    long = "日本語のとても長いファイル名" * 5 + ".pdf"
    whole = shelf.made(
        draft(
            subject="Grüße " * 20,
            to=(Address("山田, 太郎", "y@example.test"),),
            html="<p>Grüße <img src='cid:logo@x'></p>",
            text="Grüße",
            attachments=(
                shelf.attach("logo.png", "image/png", b"PNG", "logo@x"),
                shelf.attach(long, "application/pdf", b"%PDF" * 100),
            ),
            references=tuple(f"<{number}.{'x' * 70}@example.test>" for number in range(12)),
        )
    )
    seen = email.message_from_bytes(whole, policy=email.policy.default)
    assert seen["subject"] == ("Grüße " * 20).strip()
    assert seen["to"].addresses[0].display_name == "山田, 太郎"
    assert [part.get_content_type() for part in seen.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"),
        "application/pdf",
    ]
    assert [part.get_filename() for part in seen.iter_attachments()][-1] == long
    assert not [part.defects for part in seen.walk() if part.defects]
    assert len(parse(whole).references) == 12


def test_an_attached_message_stays_byte_for_byte_what_it_was() -> None:
    shelf = Shelf()
    for name in ("forwarded-message", "raw-8bit-headers", "japanese-iso-2022-jp", "inline-picture", "octets-in-qp"):
        whole = shelf.made(draft(attachments=(shelf.attach("m.eml", "message/rfc822", raw(name)),)))
        (part,) = parse(whole).parts
        assert part.type == "message/rfc822"
        assert part_bytes(whole, part.index) == raw(name)
        assert b"Content-Transfer-Encoding: base64" not in whole.partition(b"m.eml")[0]


def test_a_message_that_may_not_travel_as_it_is_becomes_a_file() -> None:
    shelf = Shelf()
    inner = b"From: a@b\r\n\r\n" + b"x" * 2000
    whole = shelf.made(draft(attachments=(shelf.attach("m.eml", "message/rfc822", inner),)))
    (part,) = parse(whole).parts
    assert part.type == "application/octet-stream"
    assert part_bytes(whole, part.index) == inner
    assert max(map(len, whole.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "text",
    [
        "x" * 5000,
        "From the start\nFrom here\n.\n..\n",
        "tab\tand trailing \n",
        "日本語" * 500,
        "a\r\nb\rc\nd",
        "=20 =",
        "--x\n-- \nBo",
    ],
)
def test_awkward_texts(text: str) -> None:
    whole = made(text=text)
    expected = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    assert parse(whole).text.rstrip("\n") == expected
    assert max(map(len, whole.split(b"\r\n"))) <= 998
    assert b"\r\nFrom " not in whole
    assert not re.search(rb"^\.\r$", whole, re.MULTILINE) or whole.isascii()


_BREAKS = st.sampled_from(["\r\n", "\n", "\r", "\n ", "\x00", "\x0b", "\x0c", "\x85", "\u2028", "\r\n\r\n"])


@SOON
@given(
    _BREAKS, st.sampled_from(["subject", "name", "address", "to", "id", "reference", "file", "type", "cid", "reply"])
)
def test_nothing_typed_becomes_a_header(line_break: str, field: str) -> None:
    evil = f"x{line_break}X-Evil: 1{line_break}Bcc: victim@example.test{line_break}{line_break}body"
    shelf = Shelf()
    values: dict[str, object] = {
        "subject": {"subject": evil},
        "name": {"from_": Address(evil, ME.address)},
        "address": {"from_": Address("Alice", f"alice@example.test{evil}")},
        "to": {"to": (Address(evil, f"bo@example.test{line_break}X-Evil: 1"),)},
        "id": {"message_id": f"<{evil}@x>"},
        "reference": {"references": (f"<{evil}@x>", evil)},
        "file": {"attachments": (shelf.attach(evil, "text/plain", b"x"),)},
        "type": {"attachments": (shelf.attach("x", f"text/{evil}", b"x"),)},
        "cid": {"html": f"<img src='cid:{evil}'>", "attachments": (shelf.attach("x", "image/png", b"x", evil),)},
        "reply": {"in_reply_to": f"<{evil}>"},
    }[field]  # type: ignore[assignment]
    whole = shelf.made(draft(**values))
    assert not {"x-evil", "bcc"} & {name.lower() for name in header_names(whole)}
    assert b"\n" not in whole.replace(b"\r\n", b"")
    seen = email.message_from_bytes(whole)
    assert all("X-Evil" not in part and "Bcc" not in part for part in seen.walk())


def test_bcc_stays_in_the_copy_and_not_on_the_wire() -> None:
    whole = made(bcc=tuple(Address(f"Secret {number}", f"s{number}@example.test") for number in range(20)))
    wire = without_bcc(whole)
    assert len(parse(whole).bcc) == 20
    assert b"s1@example.test" not in wire
    assert b"Bcc" not in wire
    assert wire.partition(b"\r\n\r\n")[2] == whole.partition(b"\r\n\r\n")[2]
    assert parse(wire).to == (BO,)
    assert len(envelope(whole)[1]) == 21


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Bcc: a@b\r\nTo: c@d\r\n\r\nBcc: body\r\n", b"To: c@d\r\n\r\nBcc: body\r\n"),
        (b"To: c@d\r\nbcc : a@b,\r\n\te@f\r\n\r\nx", b"To: c@d\r\n\r\nx"),
        (b"To: c@d\nBCC: a@b\n\nx", b"To: c@d\n\nx"),
        (b"Resent-Bcc: a@b\r\nX-Bcc: q\r\n\r\n", b"X-Bcc: q\r\n\r\n"),
        (b"Bcc: a@b", b""),
        (b"\r\nBcc: a@b", b"\r\nBcc: a@b"),
        (b"", b""),
    ],
)
def test_bcc_is_cut_out_to_the_octet(before: bytes, after: bytes) -> None:
    assert without_bcc(before) == after


def test_envelope_names_each_recipient_once_and_in_ascii() -> None:
    one = draft(
        from_=Address("", "me@bücher.example"),
        to=(BO, Address("", "BO@example.test")),
        cc=(Address("", "c@bücher.example"),),
        bcc=(Address("", "d@example.test"), BO),
    )
    sender, recipients = envelope(one)
    assert sender == "me@xn--bcher-kva.example"
    assert [address.lower() for address in recipients] == [
        "bo@example.test",
        "c@xn--bcher-kva.example",
        "d@example.test",
    ]
    again = envelope(Shelf().made(one))
    assert again == (sender, recipients)


def test_message_ids_are_fresh_and_say_nothing_of_this_machine() -> None:
    first, second = new_message_id("a@example.test"), new_message_id("a@example.test")
    assert first != second
    assert first.endswith("@example.test>")
    assert new_message_id("nonsense").endswith("@localhost>")
    assert new_message_id("a@x\r\nBcc: y").count("\n") == 0


def test_a_draft_opens_as_it_was_saved() -> None:
    shelf = Shelf()
    before = draft(
        subject="Grüße",
        text="Hallo\n\n> alt",
        html="<!DOCTYPE html><html><body><p>Hallo <img src='cid:p@x'></p></body></html>",
        cc=(Address("Jane, D.", "j@example.test"),),
        bcc=(Address("", "s@example.test"),),
        attachments=(
            shelf.attach("p.png", "image/png", b"PNG", "p@x"),
            shelf.attach("ä.pdf", "application/pdf", b"PDF"),
        ),
        in_reply_to="<2@example.test>",
        references=("<1@example.test>", "<2@example.test>"),
        message_id="<3@example.test>",
    )
    after = draft_from(shelf.made(before), ACCOUNT, shelf.keep, replaces=RowId(7))
    assert after.replaces == RowId(7)
    for name in ("from_", "to", "cc", "bcc", "subject", "attachments", "in_reply_to", "references", "message_id"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.text.strip() == before.text
    assert after.html.strip() == before.html
    again = draft_from(shelf.made(after), ACCOUNT, shelf.keep)
    assert (again.text, again.html, again.attachments) == (after.text, after.html, after.attachments)


@pytest.mark.parametrize("name", names())
def test_any_stored_message_opens_as_a_draft_and_can_be_built_again(name: str) -> None:
    shelf = Shelf()
    opened = draft_from(raw(name), ACCOUNT, shelf.keep)
    whole = shelf.made(opened)
    again = parse(whole)
    assert again.subject == opened.subject
    assert sorted(part.name for part in again.parts) == sorted(one.name for one in opened.attachments)


def test_no_line_is_too_long_and_nothing_of_this_machine_is_told() -> None:
    """RFC 5322, 2.1.1: 998 octets; no host name, no user, no path, whatever was written."""
    shelf = Shelf()
    name = "長い名前" * 30 + ".pdf"
    big = draft(
        subject="très long " * 200,
        to=tuple(Address("Näme " * 20, f"{i}@{'long' * 12}.example") for i in range(120)),
        reply_to=(Address("Büro", "buero@example.test"),),
        references=tuple(f"<{'r' * 200}{i}@example.test>" for i in range(100)),
        in_reply_to=f"<{'r' * 200}@example.test>",
        text="x" * 5000 + "\nFrom me\n.\n",
        html="<p>" + "y" * 5000 + "</p>",
        attachments=(shelf.attach(name, "application/pdf", b"\x00" * 5000),),
    )
    raw = build(big, shelf.kept.__getitem__, date=1795425240, zone=345)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()
    header = raw.partition(b"\r\n\r\n")[0]
    assert b"+0545" in header
    assert re.search(rb"^Message-ID: <[0-9a-f]{32}@example\.test>\r$", header, re.MULTILINE)
    for secret in (socket.gethostname(), getpass.getuser() + "@", str(Path.home()), str(Path.cwd())):
        assert secret.encode() not in header
    parsed = parse(raw)
    assert parsed.reply_to == (Address("Büro", "buero@example.test"),)
    assert parsed.parts[0].name == name

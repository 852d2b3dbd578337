"""Answers to invitations, receipts and lists: what goes into the Outbox, what is remembered, what is never sent."""

import json
from collections.abc import Callable

import pytest

from qtmail.commands.beyond_shapes import beyond_values
from qtmail.engine.mail import Mail
from qtmail.errors import BadInput
from qtmail.mime import parts
from qtmail.mime.contactcard import cards
from qtmail.mime.invitation import Answer, Method, invitation
from qtmail.mime.listmail import mailing_list
from qtmail.model import RowId
from tests.unit.engine.conftest import eml
from tests.unit.mime.invitations import EVENT, calendar, invited

Put = Callable[..., tuple[RowId, ...]]


def to_work(method: str = "REQUEST") -> bytes:
    ours = EVENT.replace("mailto:a\n lice@example.test", "mailto:WORK@example.test")
    return invited(calendar(ours, method), method, to="staff@example.test")


def test_an_answer_goes_to_the_organiser_by_the_outbox_and_is_remembered(mail: Mail, put: Put) -> None:
    (row,) = put("Work/INBOX", raws=[to_work()])
    found = mail.beyond(row, mail.message(row))
    assert found.invitation is not None
    assert (found.answered, found.me.address, found.listed) == (None, "work@example.test", True)
    item, done = mail.answer_invitation(row, Answer.ACCEPTED, undo_s=20)
    (waiting,) = mail.outbox()
    assert waiting.id == item
    assert waiting.not_before
    assert waiting.envelope_from == "work@example.test"
    assert [one.address for one in waiting.recipients] == ["bo@example.org"]
    raw = mail.content(waiting.content)
    sent = invitation(raw, parts.cut(raw).leaves)
    assert sent is not None
    assert sent.method is Method.REPLY
    assert [(one.who.address, one.answer) for one in sent.attendees] == [("work@example.test", Answer.ACCEPTED)]
    assert sent.uid == found.invitation.uid
    assert b"method=REPLY" in raw
    assert b"In-Reply-To: <plan@example.org>" in raw
    assert mail.beyond(row).answered is Answer.ACCEPTED
    assert "Accepted: Planning, weekly" in done.label
    mail.answer_invitation(row, Answer.DECLINED)
    assert mail.beyond(row).answered is Answer.DECLINED
    told = json.loads(json.dumps(beyond_values(mail.beyond(row))))["invitation"]
    assert (told["method"], told["start"], told["answered"]) == ("request", "2026-12-01T13:00:00Z", "declined")


def test_an_answer_that_was_called_back_was_none(mail: Mail, put: Put) -> None:
    (row,) = put("Work/INBOX", raws=[to_work()])
    mail.answer_invitation(row, Answer.ACCEPTED, undo_s=20)
    mail.undo()
    assert mail.outbox() == ()
    assert mail.beyond(row).answered is None


def test_what_asks_for_no_answer_gets_none(mail: Mail, put: Put) -> None:
    rows = put("Work/INBOX", raws=[to_work("CANCEL"), to_work("PUBLISH"), to_work("REPLY"), eml(7)])
    for row in rows:
        with pytest.raises(BadInput):
            mail.answer_invitation(row, Answer.ACCEPTED)
    assert mail.outbox() == ()
    assert mail.beyond(rows[0]).invitation is not None


def test_a_receipt_is_sent_on_the_users_word_and_once(mail: Mail, put: Put) -> None:
    asks = "Return-Path: <bob@example.test>\r\nDisposition-Notification-To: Bob <bob@example.test>\r\n"
    elsewhere = "Return-Path: <bob@example.test>\r\nDisposition-Notification-To: <spy@example.org>\r\n"
    one, other, refused = put("Work/INBOX", raws=[eml(1, more=asks), eml(2, more=elsewhere), eml(3, more=asks)])
    asked = mail.beyond(one, mail.message(one)).receipt
    assert asked is not None
    assert (asked.to.address, asked.elsewhere) == ("bob@example.test", False)
    again = mail.beyond(other).receipt
    assert again is not None
    assert again.elsewhere
    assert mail.outbox() == ()  # looking sends nothing
    mail.send_receipt(one)
    (waiting,) = mail.outbox()
    assert waiting.envelope_from == ""
    raw = mail.content(waiting.content)
    assert b"report-type=disposition-notification" in raw
    assert b"Final-Recipient: rfc822;work@example.test\r\nOriginal-Message-ID: <1@example.test>\r\n" in raw
    assert mail.beyond(one).receipt is None
    assert "$MDNSent" in mail.rows([one])[one].flags
    mail.refuse_receipt(refused)
    assert mail.beyond(refused).receipt is None
    assert len(mail.outbox()) == 1


LIST = (
    "List-Id: News <news.example.org>\r\nList-Unsubscribe: <mailto:leave@example.org?subject=out%20123>,\r\n"
    " <https://example.org/leave?u=1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    "List-Post: NO\r\nList-Archive: <https://example.org/archive>\r\nList-Help: <javascript:alert(1)>\r\n"
)
SIGNED = "DKIM-Signature: v=1; d=example.org; s=a; h=from:List-Unsubscribe:List-Unsubscribe-Post; b=x\r\n"


def test_one_click_needs_a_signature_that_our_server_found_good(mail: Mail, put: Put) -> None:
    ours = "Authentication-Results: mx.example.test; dkim=pass header.d=example.org\r\n"
    theirs = "Authentication-Results: mx.example.org; dkim=pass header.d=example.org\r\n"
    less = SIGNED.replace(":List-Unsubscribe-Post", "")
    heads = [
        ours + SIGNED,
        SIGNED,
        theirs + SIGNED,
        ours + less,
        ours,
        ours + SIGNED + "List-Unsubscribe: <https://x.test>\r\n",
    ]
    rows = put("Work/INBOX", raws=[eml(n, more=head + LIST) for n, head in enumerate(heads)])
    found = [mail.beyond(row, mail.message(row)).mailing_list for row in rows]
    assert [one.one_click for one in found if one] == [True, False, False, False, False, False]
    assert found[0] is not None
    assert found[0].leave_web == "https://example.org/leave?u=1"
    assert (found[0].post, found[0].archive, found[0].help) == ("", "https://example.org/archive", "")
    assert mail.beyond(put("Work/INBOX", first=9)[0]).mailing_list is None


def test_leaving_by_mail_says_what_the_list_wants(mail: Mail, put: Put) -> None:
    (row,) = put("Work/INBOX", raws=[eml(1, more=LIST)])
    mail.leave_list_by_mail(row)
    (waiting,) = mail.outbox()
    raw = mail.content(waiting.content)
    assert [one.address for one in waiting.recipients] == ["leave@example.org"]
    assert b"Subject: out 123\r\n" in raw


def test_list_headers_of_every_kind_are_survived() -> None:
    for value in ("", "<>", "<https://x", "x" * 100_000, "<mailto:>", "=?utf-8?q?=3Chttps://x.test=3E?=", "<" * 5000):
        mailing_list(f"List-Unsubscribe: {value}\r\nDKIM-Signature: {value}\r\n\r\n".encode(), {"example.org"})


def test_cards_of_all_versions_and_pictures_only_as_data() -> None:
    def card(version: str, lines: str) -> bytes:
        return f"Content-Type: text/vcard\r\n\r\nBEGIN:VCARD\r\nVERSION:{version}\r\n{lines}END:VCARD\r\n".encode()

    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    (one,) = cards(
        raw := card("3.0", f"N:Doe;Bo;;;\r\nORG:Example;Post\r\nEMAIL;TYPE=work:bo@example.org\r\nTEL:+49 1\r\n"
             f"ADR:;;Way 1;Town;;12345;\r\nPHOTO;ENCODING=b;TYPE=PNG:{png}\r\n"), parts.cut(raw).leaves)  # fmt: skip
    assert (one.name, one.organisation, one.mails, one.phones) == (
        "Bo Doe",
        "Example, Post",
        ("bo@example.org",),
        ("+49 1",),
    )
    assert one.addresses == ("Way 1, Town, 12345",)
    assert one.photo.startswith(b"\x89PNG")
    old = "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen=\r\n Doe\r\nEMAIL;INTERNET:j@example.org\r\n"
    raw = card("2.1", old + "PHOTO;VALUE=URI:http://example.org/a.png\r\n")
    (two,) = cards(raw, parts.cut(raw).leaves)
    assert (two.name, two.mails, two.photo) == ("Jürgen Doe", ("j@example.org",), b"")
    for hostile in (
        ";" * 500_000,
        "FN:" + "x" * 2_000_000,
        "N" + ";x" * 100_000,
        "PHOTO:data:image/png;base64," + "A" * 999,
    ):
        raw = card("4.0", hostile + "\r\nFN:x\r\n")
        assert len(cards(raw, parts.cut(raw).leaves)) <= 1

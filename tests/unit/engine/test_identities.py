"""The self that answers: by the addresses a message came for, exact ones first, then patterns."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from qtmail import accounts
from qtmail.engine import identities
from qtmail.engine.mail import Mail
from qtmail.mime.recipient import came_for
from qtmail.model import Address, Identity, RowId
from tests.unit.engine.conftest import eml

CLUB = Identity("club", "Chair", "chair@club.example", "board@club.example", "The chair", patterns=("*@club.example",))


@pytest.fixture
def club(mail: Mail) -> Mail:
    work = mail.accounts()[0]
    accounts.put(mail.profile.accounts, replace(work, more_identities=(CLUB,), patterns=("work+*@example.test",)))
    return mail


@pytest.mark.parametrize(
    ("headers", "from_", "identity"),
    [
        ({}, "work@example.test", ""),
        ({"to": "chair@club.example"}, "chair@club.example", "club"),
        ({"to": "Treasurer <cash@club.example>"}, "cash@club.example", "club"),
        ({"to": "list@else.example", "more": "Delivered-To: chair@club.example\r\n"}, "chair@club.example", "club"),
        ({"to": "a@b.example", "more": "X-Original-To: work+shop@example.test\r\n"}, "work+shop@example.test", ""),
        ({"to": "a@b.example", "more": "Envelope-To: home@example.test\r\n"}, "home@example.test", ""),
    ],
)
def test_an_answer_comes_from_where_the_mail_came_to(
    club: Mail, put: Callable[..., tuple[RowId, ...]], headers: dict[str, str], from_: str, identity: str
) -> None:
    (row,) = put("Work/INBOX", raws=[eml(1, **headers)])
    draft = club.reply(row, to_all=True, html=False)
    assert (draft.from_.address, draft.identity) == (from_, identity)
    assert from_ not in [one.address for one in (*draft.to, *draft.cc)]
    if identity:
        assert draft.reply_to == (Address("", "board@club.example"),)
        assert "The chair" in draft.text
    assert draft.account == ("h" if from_.startswith("home") else "w")


def test_addresses_a_message_came_for_are_read_from_any_bytes() -> None:
    raw = b"To: A <a@x.example>\r\nDelivered-To: B@x.example\r\nDelivered-To: c@x.example\r\nBcc: a@X.example\r\n\r\nx"
    assert came_for(raw) == ("a@x.example", "b@x.example", "c@x.example")
    assert came_for(b"\xff\x00") == ()


def test_patterns_do_not_reach_over_the_at_sign() -> None:
    assert identities.answers_for("*@club.example", "X@CLUB.example")
    assert not identities.answers_for("*@club.example", "x@y@club.example")
    assert not identities.answers_for("alice+*@example.org", "alice@example.org")
    assert not identities.answers_for("a.c@x.example", "abc@x.example")

"""Answers and receipts through real servers: they arrive as the RFCs want them."""

from collections.abc import Iterator

import pytest

from qtmail.mime import parts
from qtmail.mime.invitation import Answer, Method, invitation
from qtmail.model import SendState
from tests.e2e.engine.conftest import Desktop
from tests.servers import DOMAIN, Dovecot, Postfix
from tests.servers.process import wait_until
from tests.unit.mime.invitations import EVENT, calendar, invited


@pytest.fixture
def postfix(server: Dovecot) -> Iterator[Postfix]:
    with Postfix(server) as running:
        yield running


def test_an_answer_and_a_receipt_arrive(desktop: Desktop, server: Dovecot, postfix: Postfix) -> None:
    event = EVENT.replace("bo@example.org", f"bob@{DOMAIN}").replace("a\n lice@example.test", f"alice@{DOMAIN}")
    asks = f"Return-Path: <bob@{DOMAIN}>\r\nDisposition-Notification-To: <bob@{DOMAIN}>\r\n".encode()
    server.fill("alice", [asks + invited(calendar(event), to=f"alice@{DOMAIN}")])
    desktop.add(server.account("alice", outgoing=postfix))
    desktop.sync()
    (row,) = desktop.rows("Alice/INBOX")
    assert desktop.mail.beyond(row.id).receipt is not None
    answer, _ = desktop.mail.answer_invitation(row.id, Answer.ACCEPTED)
    receipt, _ = desktop.mail.send_receipt(row.id)
    desktop.sync()
    assert [desktop.mail.outbox_state(item).state for item in (answer, receipt)] == [SendState.ACCEPTED] * 2
    wait_until(lambda: len(server.messages("bob")) == 2, "both mails")
    came = server.messages("bob")
    (reply,) = [found for raw in came if (found := invitation(raw, parts.cut(raw).leaves))]
    assert reply.method is Method.REPLY
    assert [(one.who.address, one.answer) for one in reply.attendees] == [(f"alice@{DOMAIN}", Answer.ACCEPTED)]
    (report,) = [raw for raw in came if b"Disposition: manual-action/MDN-sent-manually; displayed" in raw]
    assert b"Return-Path: <>" in report
    desktop.sync()
    assert desktop.mail.beyond(row.id).receipt is None
    assert desktop.mail.beyond(row.id).answered is Answer.ACCEPTED

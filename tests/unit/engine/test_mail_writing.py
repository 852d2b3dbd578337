"""Drafts, answers, the Outbox: nothing typed is lost, and what is sent is frozen at the click."""

from dataclasses import replace

import pytest

from qtmail.engine.mail import Mail
from qtmail.errors import BadInput
from qtmail.mime.parse import parse
from qtmail.model import LOCAL, AccountKey, Address, Flag, SendState
from qtmail.store import outbox as store_outbox

from .conftest import START, eml

WORK, HOME = AccountKey("w"), AccountKey("h")
CAROL = Address("Carol", "carol@example.test")


@pytest.fixture
def draft(mail):
    return replace(mail.new_draft(WORK), to=(CAROL,), subject="Lunch", text="At noon?\n")


def rows_of(mail, folder):
    return list(mail.rows(mail.ids([mail.folder_named(folder).id])).values())


class TestDrafts:
    def test_a_new_one_is_from_the_account(self, mail):
        found = mail.new_draft(HOME)
        assert (found.id, found.account, found.from_) == (None, HOME, Address("Home Example", "home@example.test"))

    def test_the_journal_survives_the_program(self, mail, profile, draft):
        saved = mail.save_draft(draft)
        assert saved.id is not None
        assert saved.message_id.startswith("<")
        mail.close()
        again = Mail(profile)
        try:
            assert again.open_drafts() == (saved,)
            again.discard_draft(saved.id)
            assert again.open_drafts() == ()
        finally:
            again.close()

    def test_saving_again_keeps_its_identity(self, mail, draft):
        one = mail.save_draft(draft)
        two = mail.save_draft(replace(one, text="At one?\n"))
        assert (two.id, two.message_id) == (one.id, one.message_id)
        assert [found.text for found in mail.open_drafts()] == ["At one?\n"]

    def test_kept_edited_and_kept_again_is_one_message(self, mail, draft):
        mail.keep_draft(mail.save_draft(draft))
        assert mail.open_drafts() == ()
        (row,) = rows_of(mail, "Work/Drafts")
        assert row.flags == {Flag.DRAFT, Flag.SEEN}
        assert row.correspondent == "Carol"
        again = mail.edit(row.id)
        assert (again.to, again.subject, again.replaces) == ((CAROL,), "Lunch", row.id)
        assert again.text.strip() == "At noon?"
        mail.keep_draft(replace(again, subject="Dinner"))
        assert [found.subject for found in rows_of(mail, "Work/Drafts")] == ["Dinner"]
        assert mail.waiting() > 0

    def test_another_message_as_a_pattern_stays(self, mail, put):
        (row,) = put("Home/INBOX")
        again = mail.edit(row)
        assert (again.subject, again.replaces) == ("Number 1", None)

    def test_attachments_cannot_vanish(self, mail, draft, tmp_path):
        file = tmp_path / "Plan & more.pdf"
        file.write_bytes(b"%PDF")
        kept = mail.attach(file)
        assert (kept.name, kept.type, kept.size) == ("Plan & more.pdf", "application/pdf", 4)
        file.unlink()
        assert mail.content(kept.content) == b"%PDF"
        _, done = mail.send(replace(draft, attachments=(kept,)))
        assert done.label == "Send “Lunch” to Carol"
        (row,) = rows_of(mail, "Local/Outbox")
        (part,) = mail.message(row.id).parts
        assert mail.part(row.id, part.index) == b"%PDF"

    def test_files_that_cannot_be_attached(self, mail, tmp_path):
        with pytest.raises(BadInput, match="folder"):
            mail.attach(tmp_path)
        with pytest.raises(BadInput, match="cannot be read"):
            mail.attach(tmp_path / "missing")


class TestAnswers:
    def test_reply(self, mail, put):
        (row,) = put("Home/INBOX", raws=[eml(1, to="home@example.test", more="Cc: carol@example.test\r\n")])
        one = mail.reply(row, to_all=False, html=False)
        assert [one.account, *one.to] == [HOME, Address("Bob", "bob@example.test")]
        assert (one.subject, one.in_reply_to, one.reply_of) == ("Re: Number 1", "<1@example.test>", row)
        assert "> Hello" in one.text
        everybody = mail.reply(row, to_all=True, html=False)
        assert {address.address for address in (*everybody.to, *everybody.cc)} >= {"carol@example.test"}

    def test_the_account_it_was_written_to_answers(self, mail, put):
        (row,) = put("Home/INBOX", raws=[eml(1, to="work@example.test")])
        assert mail.reply(row, to_all=False, html=False).account == WORK

    def test_mail_between_two_accounts_of_the_user(self, mail, put):
        raw = eml(1, to="home@example.test").replace(b"Bob <bob@", b"Me <Work@")
        (there,) = put("Home/INBOX", raws=[raw])
        answer = mail.reply(there, to_all=True, html=False)
        assert (answer.account, [one.address for one in answer.to], answer.cc) == (HOME, ["Work@example.test"], ())
        (sent,) = put("Work/Sent", raws=[raw], first=9)
        more = mail.reply(sent, to_all=True, html=False)
        assert (more.account, [one.address for one in more.to]) == (WORK, ["home@example.test"])

    def test_forward_with_its_attachments(self, mail, put):
        attached = (
            b"From: bob@example.test\r\nTo: home@example.test\r\nSubject: Plan\r\nMIME-Version: 1.0\r\n"
            b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nSee it\r\n--b\r\n'
            b'Content-Type: text/csv\r\nContent-Disposition: attachment; filename="a.csv"\r\n\r\n1;2\r\n--b--\r\n'
        )
        (row,) = put("Home/INBOX", raws=[attached])
        inline = mail.forward([row], inline=True, html=False)
        assert (inline.subject, inline.forward_of) == ("Fwd: Plan", row)
        assert [(one.name, mail.content(one.content)) for one in inline.attachments] == [("a.csv", b"1;2")]
        whole = mail.forward([row], inline=False, html=False)
        assert [(one.name, one.type) for one in whole.attachments] == [("Plan.eml", "message/rfc822")]
        assert mail.content(whole.attachments[0].content) == attached

    def test_several_are_attached_each(self, mail, put):
        rows = put("Home/INBOX", 2)
        assert len(mail.forward(rows, inline=True, html=False).attachments) == 2


class TestSending:
    def test_the_click_freezes_it(self, mail, put, draft):
        (row,) = put("Home/INBOX")
        mail.keep_draft(draft)
        kept = mail.edit(rows_of(mail, "Work/Drafts")[0].id)
        item, done = mail.send(replace(mail.save_draft(kept), bcc=(Address("", "dan@example.test"),), reply_of=row))
        assert done.gesture is not None
        state = mail.outbox_state(item)
        assert (state.state, state.envelope_from) == (SendState.QUEUED, "work@example.test")
        assert [one.address for one in state.recipients] == ["carol@example.test", "dan@example.test"]
        assert mail.outbox() == (state,)
        assert rows_of(mail, "Work/Drafts") == []
        assert mail.open_drafts() == ()
        (queued,) = rows_of(mail, "Local/Outbox")
        assert mail.outbox_item(queued.id) == state
        sent = mail.message(queued.id)
        assert (sent.message_id, sent.date, sent.subject) == (state.message_id, START, "Lunch")
        assert Flag.ANSWERED in mail.rows([row])[row].flags

    def test_undo_makes_it_a_draft_again(self, mail, put, draft):
        (row,) = put("Home/INBOX")
        mail.send(replace(draft, reply_of=row))
        mail.undo()
        assert mail.outbox() == ()
        assert rows_of(mail, "Local/Outbox") == []
        assert Flag.ANSWERED not in mail.rows([row])[row].flags
        texts = [found.text for found in mail.open_drafts()]
        texts += [mail.message(found.id).text for found in rows_of(mail, "Work/Drafts")]
        assert [text.strip() for text in texts] == ["At noon?"]

    def test_edit_takes_it_back(self, mail, draft):
        item, _ = mail.send(draft)
        again = mail.edit(mail.outbox_state(item).row)
        assert (again.subject, again.to, again.replaces) == ("Lunch", (CAROL,), None)
        assert mail.outbox() == ()
        assert mail.open_drafts() == (again,)

    def test_delete_takes_it_out_of_the_outbox(self, mail, draft):
        item, _ = mail.send(draft)
        mail.delete([mail.outbox_state(item).row])
        assert mail.outbox() == ()
        assert rows_of(mail, "Local/Outbox") == []

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"to": ()}, "no recipients"),
            ({"to": (Address("", "nobody"),)}, "nobody"),
            ({"account": AccountKey("gone")}, "not there any more"),
        ],
    )
    def test_what_cannot_be_sent(self, mail, draft, change, words):
        with pytest.raises(BadInput, match=words):
            mail.send(replace(draft, **change))
        assert mail.outbox() == ()
        assert rows_of(mail, "Local/Outbox") == []

    def test_a_whole_message(self, mail):
        raw = b"From work Mon Nov 23 10:00:00 2026\nTo: carol@example.test\nBcc: dan@example.test\nSubject: Raw\n\nx\n"
        item = mail.send_raw(raw, WORK)
        state = mail.outbox_state(item)
        assert [one.address for one in state.recipients] == ["carol@example.test", "dan@example.test"]
        sent = mail.raw(state.row)
        assert sent.endswith(b"To: carol@example.test\r\nBcc: dan@example.test\r\nSubject: Raw\r\n\r\nx\r\n")
        found = parse(sent)
        assert found.from_ == (Address("Work Example", "work@example.test"),)
        assert (found.date, found.message_id) == (START, state.message_id)

    def test_a_whole_message_is_left_as_it_is(self, mail):
        raw = eml(1, to="carol@example.test")
        assert mail.raw(mail.outbox_state(mail.send_raw(raw, WORK)).row) == raw

    def test_a_whole_message_with_bare_utf_8_goes_through_servers_without_smtputf8(self, mail):
        raw = (
            "From: Jürg <jürg@example.test>, work@example.test\r\n"
            "To: Ünï Köde <carol@example.test>,\r\n dan@example.test\r\n"
            "Subject: Grüße aus\r\n Köln 😀\r\nX-Note: é\r\nReply-To: ü\r\n\r\nSubject: ä\r\n"
        ).encode()
        sent = mail.raw(mail.outbox_state(mail.send_raw(raw, WORK)).row)
        found = parse(sent)
        assert found.subject == "Grüße aus Köln 😀"
        assert found.to == (Address("Ünï Köde", "carol@example.test"), Address("", "dan@example.test"))
        assert found.from_[0] == Address("Jürg", "jürg@example.test")
        assert [line.isascii() for line in sent.split(b"\r\n") if line.startswith((b"To", b"Subject: ="))] == [True] * 2
        assert sent.endswith("X-Note: é\r\nReply-To: ü\r\n\r\nSubject: ä\r\n".encode())

    def test_a_whole_message_with_a_line_that_servers_break_is_not_taken(self, mail):
        head = b"To: carol@example.test\n\nshort\n"
        assert mail.send_raw(head + b"x" * 998 + b"\n", WORK)
        for end in (b"\n", b""):
            with pytest.raises(BadInput, match="Line 4 of the message is longer than the 998 octets"):
                mail.send_raw(head + b"x" * 999 + end, WORK)
        assert len(mail.outbox()) == 1

    def test_a_whole_message_without_recipients(self, mail):
        with pytest.raises(BadInput, match="recipients"):
            mail.send_raw(b"Subject: x\r\n\r\n", WORK)

    def test_the_user_decides_what_is_uncertain(self, mail, draft, clock):
        items = [mail.send(draft)[0] for _ in range(2)]
        for item in items:
            with mail._store.transaction("test") as tx:
                for state in (SendState.CONNECTING, SendState.ENVELOPE, SendState.DATA, SendState.UNCERTAIN):
                    store_outbox.advance(tx, item, state, now=clock())
        mail.retry_now(items[0])
        assert mail.outbox_state(items[0]).state is SendState.QUEUED
        mail.settle_as_sent(items[1])
        assert mail.outbox_state(items[1]).state is SendState.ACCEPTED
        assert [one.id for one in mail.outbox()] == [items[0]]

    def test_whom_one_writes_to_is_known(self, mail, put, draft):
        put("Home/INBOX")
        mail.send(draft)
        assert [one.address for one in mail.known_people("car")] == ["carol@example.test"]
        assert [one.address for one in mail.known_people("bo")] == ["bob@example.test"]

    def test_mail_on_its_way_stays_in_the_outbox(self, mail, draft):
        item, _ = mail.send(draft)
        row = mail.outbox_state(item).row
        assert mail.account_of([row]) == (LOCAL,)
        for act in (mail.archive, mail.junk, mail.expunge):
            with pytest.raises(BadInput, match="Outbox"):
                act([row])

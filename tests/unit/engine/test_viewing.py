"""How a message is to be seen is remembered; its thread is found; its author is judged by our own server's word."""

from collections.abc import Callable

import pytest

from qtmail.engine.mail import Mail
from qtmail.engine.viewing import Choices
from qtmail.errors import BadInput
from qtmail.mime.authentication import Verdict
from qtmail.model import Address, RowId
from tests.unit.engine.conftest import eml

Put = Callable[..., tuple[RowId, ...]]
BOB = Address("Bob", "bob@example.test")


def test_choices_are_remembered_for_one_message(mail: Mail, put: Put) -> None:
    one, other = put("Work/INBOX", 2)
    assert mail.choices(one) == Choices()
    mail.choose(one, "colours", "light")
    mail.choose(one, "charset", "koi8-r")
    mail.choose(one, "colours", "dark")
    assert mail.choices(one) == Choices(colours="dark", charset="koi8-r")
    assert mail.choices(other) == Choices()
    mail.choose(one, "colours", "")
    assert mail.choices(one) == Choices(charset="koi8-r")
    with pytest.raises(BadInput):
        mail.choose(RowId(999), "colours", "dark")


def test_the_users_charset(mail: Mail, put: Put) -> None:
    raw = eml(1, more="Content-Type: text/plain; charset=iso-8859-1\r\n", body="XXX").replace(
        b"XXX", "Привет".encode("koi8-r")
    )
    (row,) = put("Work/INBOX", raws=[raw])
    assert "Привет" not in mail.message(row).text
    assert "Привет" in mail.message_in(row, "koi8-r").text


def test_a_thread_is_found_from_each_of_its_messages(mail: Mail, put: Put) -> None:
    rows = put(
        "Work/INBOX",
        raws=[
            eml(1),
            eml(2, more="In-Reply-To: <1@example.test>\r\n"),
            eml(3, more="In-Reply-To: <2@example.test>\r\nReferences: <1@example.test> <2@example.test>\r\n"),
            eml(4, more="In-Reply-To: <2@example.test>\r\n"),
            eml(5, more="References: <4@example.test>\r\n"),
            eml(6),
            eml(7, more="References: <gone@example.test>\r\n"),
            eml(8, more="References: <gone@example.test> <7@example.test>\r\n"),
        ],
    )
    *whole, alone, orphan, child = rows
    for row in whole:
        assert mail.thread(row) == tuple(whole)
    assert mail.thread(alone) == (alone,)
    assert mail.thread(child) == mail.thread(orphan) == tuple(sorted((orphan, child)))
    mail.delete([whole[2]])
    assert set(mail.thread(whole[0])) == set(whole)


def test_a_copy_in_sent_is_shown_once_and_drafts_are_not(mail: Mail, put: Put) -> None:
    (one,) = put("Work/INBOX", raws=[eml(1)])
    answer = eml(2, more="References: <1@example.test>\r\n")
    (sent,) = put("Work/Sent", raws=[answer], first=2)
    put("Work/Archive", raws=[answer], first=3)
    put("Work/Drafts", raws=[eml(3, more="References: <1@example.test>\r\n")], first=4)
    assert mail.thread(one) == (one, sent)


def test_what_is_known_of_an_author(mail: Mail, put: Put) -> None:
    said = "Authentication-Results: mx.example.test; dmarc=fail header.from=example.test\r\n"
    first, second = put("Work/INBOX", raws=[eml(1), said.encode() + eml(2)])
    put("Work/INBOX", 3, first=10)
    standing = mail.standing(first, BOB)
    assert (standing.heard, standing.wrote, standing.stranger, standing.forged) == (5, 0, False, False)
    assert standing.known.verdict is Verdict.NONE
    assert mail.standing(second, BOB).forged
    assert mail.standing(first, Address("", "eve@example.test")).stranger
    assert mail.standing(first, Address("", "")).stranger


ATTACHED = (
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nWords\r\n"
    b"--b\r\nContent-Type: application/pdf; name=big.pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF big\r\n"
    b"--b\r\nContent-Type: image/png; name=small.png\r\nContent-Disposition: attachment\r\n\r\nPNG small\r\n--b--\r\n"
)


def test_an_attachment_is_removed_as_a_new_copy_and_undo_brings_it_back(mail: Mail, put: Put) -> None:
    raw = eml(1).partition(b"\r\n\r\n")[0] + b"\r\n" + ATTACHED
    (row,) = put("Work/INBOX", raws=[raw])
    mail.set_flag([row], "\\Flagged", True)
    inbox = mail.folder_named("Work/INBOX").id
    big, small = mail.message(row).parts
    done = mail.remove_parts(row, [big.index])
    assert done.label == "Remove 1 attachment"
    (new,) = (RowId(one) for one in mail.ids([inbox]))
    found = mail.message(new)
    assert [part.name for part in found.parts] == ["small.png"]
    assert mail.part(new, found.parts[0].index) == mail.part(row, small.index)
    assert "“big.pdf” (8 octets, application/pdf) was removed on" in found.text
    assert mail.rows([new])[new].starred
    assert mail.rows([new])[new].date == mail.rows([row])[row].date
    assert mail.folder(mail.rows([row])[row].folder).path == "Trash"
    mail.undo(done.gesture)
    assert [RowId(one) for one in mail.ids([inbox])] == [row]
    assert len(mail.message(row).parts) == 2
    with pytest.raises(BadInput):
        mail.remove_parts(row, [99])

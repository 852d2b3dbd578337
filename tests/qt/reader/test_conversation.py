"""A whole conversation in one scroll: what is open, what is marked read, what its buttons do; in both views."""

import re

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from qtmail.events import BodiesArrived, FetchBody, FolderChanged
from qtmail.model import Flag, RowId
from qtmail.ui.conversation.words import Click, Verb, link, read
from qtmail.ui.reader import ReaderPane
from tests.qt.fakes import INBOX, FakeLink, FakeMail
from tests.qt.reader.conftest import MakePane, Open
from tests.qt.reader.samples import PLAIN, html_mail

HOSTILE = "<style>section,.line,.name{display:none} :host{display:none} p{color:#123456}</style><p>Coffee at four</p>"


def thread(mail: FakeMail, *, unread: tuple[int, ...] = (3,)) -> list[RowId]:
    """Six messages; the second is the user's own, the fourth HTML and (unless said otherwise) unread."""
    rows = []
    for n in range(6):
        raw = PLAIN.replace("Hello Alice,", f"Words of number {n},") + "\nA line of it.\n" * (60 if n == 3 else 2)
        if n == 3:
            raw = html_mail(HOSTILE + "<p>long</p>" * 80, subject="Plans", files={"a.pdf": "application/pdf"}).decode()
        raw = re.sub(r"(?m)^Message-ID:.*", f"Message-ID: <t{n}@example.org>", raw)
        raw = re.sub(r"(?m)^Date:.*", f"Date: Mon, {n + 10} Nov 2025 08:00:00 +0000", raw)
        if n == 1:
            raw = re.sub(r"(?m)^From:.*", "From: Alice Doe <alice@example.test>", raw)
        rows.append(mail.add(raw, seen=n not in unread))
    for row in rows:
        mail.threads[row] = tuple(rows)
    return rows


def opened(pane: ReaderPane) -> list[RowId]:
    return [entry.row.id for entry in pane.threads.view.entries if entry.shown]


def press(pane: ReaderPane, verb: Verb, row: RowId, what: object = "") -> None:
    """Click on a link of the page."""
    pane.bodies.current.link_clicked.emit(link(verb, row, what))


@pytest.fixture(params=[False, True], ids=["web", "text"])
def talk(request: pytest.FixtureRequest, make_pane: MakePane) -> ReaderPane:
    """A reader that shows whole conversations."""
    return make_pane(low_memory=request.param, conversation=True, mark_read_after=0)


def test_reading_through_one(talk: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot) -> None:
    rows = thread(mail)
    open_row(talk, rows[0])
    assert talk.header.isHidden()
    assert talk.threads.bar.count.text() == "6 messages, 1 unread"
    assert opened(talk) == [rows[0], rows[3], rows[5]], "the one asked for, the unread one, the newest"
    assert mail.flags_set == [], "the unread one is not in sight"
    page = talk.threads.view.content
    assert page is not None
    assert page.document.count("Me</span>") == 1

    talk.threads.view.go_to(rows[3])
    qtbot.waitUntil(lambda: mail.flags_set == [((rows[3],), Flag.SEEN, True)])
    assert talk.row == rows[3]
    talk.hear(FolderChanged(INBOX))
    qtbot.waitUntil(lambda: talk.threads.bar.count.text() == "6 messages")

    found: list[bool] = []
    talk.bodies.current.find_words("Coffee at four", found=found.append)
    qtbot.waitUntil(lambda: found == [True])

    talk.threads.view.jump(1)
    qtbot.waitUntil(lambda: opened(talk) == [rows[0], *rows[3:]])
    assert talk.row == rows[4]
    talk.threads.turn_all()
    qtbot.waitUntil(lambda: opened(talk) == rows)
    talk.threads.turn_all()
    assert opened(talk) == [rows[4]]
    talk.show_row(rows[2])
    qtbot.waitUntil(lambda: talk.row == rows[2])
    assert mail.flags_set == [((rows[3],), Flag.SEEN, True)]


def test_what_its_buttons_do(talk: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot) -> None:
    rows = thread(mail, unread=())
    open_row(talk, rows[3])
    with qtbot.waitSignal(talk.reply_requested, check_params_cb=lambda row: row == rows[5]):
        press(talk, Verb.REPLY, rows[5])
    assert talk.row == rows[5]
    press(talk, Verb.STAR, rows[3])
    assert mail.flags_set == [((rows[3],), Flag.FLAGGED, True)]
    talk.hear(FolderChanged(INBOX))
    star = "Take the star off"
    qtbot.waitUntil(lambda: star in (talk.threads.view.content.document if talk.threads.view.content else ""))
    with qtbot.waitSignal(talk.strip.window_made) as made:
        press(talk, Verb.PART, rows[3], 2)
    assert made.args is not None
    made.args[0].close()
    press(talk, Verb.TOGGLE, rows[3])
    assert opened(talk) == [rows[5]]
    press(talk, Verb.REPLY, RowId(999))
    press(talk, Verb.MORE, rows[5])


def test_a_new_message_joins_and_a_body_comes(
    talk: ReaderPane, mail: FakeMail, link: FakeLink, open_row: Open, qtbot: QtBot
) -> None:
    rows = thread(mail, unread=())
    open_row(talk, rows[5])
    new = mail.add(PLAIN.replace("Message-ID: <", "Message-ID: <new"), here=False)
    for row in (*rows, new):
        mail.threads[row] = (*rows, new)
    talk.hear(FolderChanged(INBOX))
    qtbot.waitUntil(lambda: opened(talk) == [rows[5], new])
    message = mail.rows_by_id[new].message
    assert link.wishes[-1] == FetchBody((message,))
    assert talk.row == rows[5], "what is read stays where it is"
    mail.arrive(new)
    link.heard.emit(BodiesArrived((message,)))
    qtbot.waitUntil(lambda: "Hello Alice" in (talk.threads.view.content.document if talk.threads.view.content else ""))


def test_switching_and_single_messages(make_pane: MakePane, mail: FakeMail, open_row: Open, qtbot: QtBot) -> None:
    pane = make_pane()
    rows = thread(mail, unread=())
    alone = mail.add(PLAIN)
    open_row(pane, rows[2])
    assert pane.header.relatives.text() == "6 messages"
    with qtbot.waitSignal(pane.remember, check_params_cb=lambda *told: told == ("conversation", True)):
        pane.header.relatives.click()
    with qtbot.waitSignal(pane.displayed):
        pane.apply_settings(type(pane.settings)(low_memory=True, conversation=True, newest_first=True))
    assert [entry.row.id for entry in pane.threads.view.entries] == rows[::-1]
    open_row(pane, alone)
    assert opened(pane) == []
    assert pane.header.relatives.isHidden()
    with qtbot.waitSignal(pane.displayed):
        pane.apply_settings(type(pane.settings)(low_memory=True))
    with qtbot.waitSignal(pane.displayed):
        pane.show_row(rows[1], conversation=True)
    assert len(pane.threads.view.entries) == 6
    assert pane.row == rows[1]
    other = thread(mail, unread=(2, 4))
    with qtbot.waitSignal(pane.displayed):
        pane.show_row(other[5], conversation=True)
    assert pane.row == other[2], "a conversation begins with what is unread"


def test_links_of_mails_are_not_the_pages(
    talk: ReaderPane, mail: FakeMail, open_row: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: went.append(url.toString()))
    rows = thread(mail, unread=())
    open_row(talk, rows[3])
    talk.bodies.current.link_clicked.emit("https://example.org/")
    assert went == ["https://example.org/"]
    talk.bodies.menu_wanted.emit(QPoint(), link(Verb.PART, rows[3], 2))
    assert read("qtmail-thread:nonsense/1/") is None
    assert read(link(Verb.PART, rows[3], 2)) == Click(Verb.PART, rows[3], "2")

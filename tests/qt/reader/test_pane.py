"""What the reader shows, what it says when it cannot, and what its buttons do."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QTextCursor
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from qtmail.events import BodiesArrived, FetchBody, OutboxChanged, StateChanged, Wake
from qtmail.model import AccountState, ContentHash, Flag, OutboxId, OutboxItem, Recipient, RowId, SendState
from qtmail.settings import MailForm, Scheme, Settings
from qtmail.ui.reader import ReaderPane
from qtmail.ui.reader.bodies import Bodies
from qtmail.ui.reader.textdoc import LONGEST, in_pieces
from qtmail.ui.theme import Theme
from tests.qt.fakes import DRAFTS, OUTBOX, WORK, FakeLink, FakeMail
from tests.qt.reader.conftest import MakePane, Open
from tests.qt.reader.samples import NEWSLETTER, PLAIN, html_mail


def body(pane: ReaderPane) -> str:
    return pane.bodies.text.browser.toPlainText()


def empty_words(pane: ReaderPane) -> str:
    return pane.bodies.empty.text() if pane.empty.isHidden() else pane.empty.text()


def test_nothing_and_several_selected(pane: ReaderPane) -> None:
    assert pane.row is None
    assert empty_words(pane) == "No message selected"
    pane.show_selection(1234)
    assert empty_words(pane) == "1,234 messages selected"
    assert not pane.scroll_page()


def test_header_and_plain_text(pane: ReaderPane, mail: FakeMail, open_row: Open) -> None:
    row = mail.add(PLAIN)
    open_row(pane, row)
    assert pane.row == row
    assert pane.header.subject.text() == "Plans for the week"
    assert pane.header.author.text() == "Jürgen Klein"
    assert pane.header.address.text() == "juergen@example.org"
    assert pane.header.to.text() == "to me, Bo and 4 more"
    assert "2023" in pane.header.date.toolTip()
    pane.header.to.setChecked(True)
    words = " ".join(label.text() for label in pane.header.details.findChildren(type(pane.header.subject)))
    assert "Fay <fay@example.org>" in words
    assert "Hello Alice,\n\nsee https://example.org/plan" in body(pane)
    assert "\nWhich day is best?\nA second line of it.\nTell me.\n" in body(pane)


def test_the_last_of_many_is_shown(pane: ReaderPane, mail: FakeMail, open_row: Open) -> None:
    rows = [mail.add(PLAIN.replace("Hello Alice", f"Number {n}")) for n in range(20)]
    for row in rows[:-1]:
        pane.show_row(row)
    open_row(pane, rows[-1])
    assert "Number 19" in body(pane)
    assert pane.row == rows[-1]


def test_a_row_that_is_gone_says_so(pane: ReaderPane, qtbot: QtBot) -> None:
    pane.show_row(RowId(99))
    qtbot.waitUntil(lambda: empty_words(pane).startswith("This message is not here any more."))


@pytest.mark.expects_log
def test_a_bug_in_the_worker_leaves_the_window_usable(
    pane: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = mail.add(PLAIN)
    with monkeypatch.context() as patch:
        patch.setattr(mail, "message_in", lambda *_args, **_how: 1 / 0)
        pane.show_row(row)
        qtbot.waitUntil(lambda: "went wrong inside qtmail" in empty_words(pane))
    open_row(pane, row)


def test_html_in_web_engine(make_pane: MakePane, mail: FakeMail, open_row: Open, qtbot: QtBot) -> None:
    pane = make_pane(low_memory=False)
    open_row(pane, mail.add(html_mail(NEWSLETTER, inline=True, files={"a.pdf": "application/pdf"})))
    assert type(pane.bodies.current).__name__ == "WebBody"
    assert [card.name for card in pane.strip.cards] == ["a.pdf"]
    pane.bodies.current.find_words("columns", found=lambda found: found_at.append(found))
    found_at: list[bool] = []
    qtbot.waitUntil(lambda: found_at == [True])
    long = mail.add(html_mail("<p>line</p>" * 200))
    open_row(pane, long)
    view = pane.bodies.current
    qtbot.waitUntil(lambda: view.page.contentsSize().height() > 2000)  # type: ignore[attr-defined]
    assert pane.scroll_page()
    qtbot.waitUntil(lambda: view.page.scrollPosition().y() > 100)  # type: ignore[attr-defined]
    told: list[object] = []
    view._run("return typeof gc", told.append)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: told == ["function"])  # what earlier mails left can be freed (webscript.SWEEP)
    open_row(pane, mail.add(PLAIN))
    assert pane.bodies.current is pane.bodies.text


@pytest.mark.expects_log
def test_a_renderer_that_dies_twice_gives_way_to_the_simple_view(
    make_pane: MakePane, mail: FakeMail, open_row: Open, qtbot: QtBot
) -> None:
    pane = make_pane(low_memory=False)
    open_row(pane, mail.add(html_mail("<p>fragile</p>")))
    view = pane.bodies.current
    status = view.page.RenderProcessTerminationStatus.CrashedTerminationStatus  # type: ignore[attr-defined]
    with qtbot.waitSignal(pane.displayed, timeout=15_000):
        view._renderer_died(status, 1)  # type: ignore[attr-defined]
    assert pane.bodies.current is view
    with qtbot.waitSignal(pane.displayed, timeout=15_000):
        view._renderer_died(status, 1)  # type: ignore[attr-defined]
    assert pane.bodies.current is pane.bodies.text
    assert "fragile" in body(pane)


def test_inline_pictures_are_drawn_and_not_listed(pane: ReaderPane, mail: FakeMail, open_row: Open) -> None:
    open_row(pane, mail.add(html_mail(NEWSLETTER, inline=True)))
    assert pane.strip.isHidden()
    shown = pane._shown
    assert shown is not None
    assert shown.content is not None
    (url,) = shown.content.pictures
    assert pane.bodies.text.browser.loadResource(2, QUrl(url)).size() > 50  # type: ignore[attr-defined]
    assert pane.bodies.text.browser.loadResource(2, QUrl("file:///etc/hostname")).size() == 0  # type: ignore[attr-defined]


def test_plain_text_when_preferred(make_pane: MakePane, mail: FakeMail, open_row: Open) -> None:
    pane = make_pane(mail_form=MailForm.TEXT)
    open_row(pane, mail.add(html_mail(NEWSLETTER, inline=True)))
    assert body(pane).startswith("The plain alternative.")
    assert len(pane.strip.cards) == 1


def test_two_from_headers_are_flagged(pane: ReaderPane, mail: FakeMail, open_row: Open) -> None:
    open_row(pane, mail.add("From: Other <o@evil.example>\n" + PLAIN))
    assert "From" in pane.banner.text()


# ---- bodies that are not here ------------------------------------------------------------------------------------


def test_a_missing_body_is_fetched_and_shown(pane: ReaderPane, mail: FakeMail, link: FakeLink, qtbot: QtBot) -> None:
    row = mail.add(PLAIN, here=False)
    pane.show_row(row)
    qtbot.waitUntil(lambda: empty_words(pane) == "Downloading this message …")
    assert pane.header.subject.text() == "Plans for the week"
    message = mail.arrive(row)
    assert link.wishes == [FetchBody((message,))]
    with qtbot.waitSignal(pane.displayed, timeout=5000):
        link.heard.emit(BodiesArrived((message,)))
    assert "Hello Alice" in body(pane)


def test_a_missing_body_offline(pane: ReaderPane, mail: FakeMail, link: FakeLink, qtbot: QtBot) -> None:
    link.heard.emit(StateChanged(WORK, AccountState.OFFLINE))
    pane.show_row(mail.add(PLAIN, here=False))
    qtbot.waitUntil(lambda: "when you are online again" in empty_words(pane))
    assert link.wishes == []
    link.heard.emit(StateChanged(WORK, AccountState.SYNCING))
    assert empty_words(pane) == "Downloading this message …"
    assert len(link.wishes) == 1


def test_a_body_that_nobody_wants_here(pane: ReaderPane, mail: FakeMail, link: FakeLink, qtbot: QtBot) -> None:
    row = mail.add(PLAIN, here=False)
    mail.unwanted.add(mail.rows_by_id[row].message)
    link.heard.emit(StateChanged(WORK, AccountState.OFFLINE))
    pane.show_row(row)
    qtbot.waitUntil(lambda: "not kept on this computer, as you chose" in empty_words(pane))
    link.heard.emit(StateChanged(WORK, AccountState.SYNCING))
    assert empty_words(pane) == "Downloading this message …", "opened, it comes all the same"
    assert len(link.wishes) == 1


# ---- read state --------------------------------------------------------------------------------------------------


def test_read_after_a_while(make_pane: MakePane, mail: FakeMail, open_row: Open, qtbot: QtBot) -> None:
    pane = make_pane(mark_read_after=0)
    row = mail.add(PLAIN)
    with qtbot.waitSignal(pane.done, timeout=5000) as told:
        open_row(pane, row)
    assert mail.flags_set == [((row,), Flag.SEEN, True)]
    assert told.args is not None
    assert told.args[0].gesture is not None


def test_never_marked_when_the_user_says_so_or_goes_on(
    make_pane: MakePane, mail: FakeMail, open_row: Open, qtbot: QtBot
) -> None:
    pane = make_pane(mark_read_after=-1)
    open_row(pane, mail.add(PLAIN))
    assert not pane.marking.timer.isActive()
    pane.apply_settings(Settings(mark_read_after=1, low_memory=True))
    open_row(pane, mail.add(PLAIN))
    assert pane.marking.timer.isActive()
    pane.show_row(None)
    assert not pane.marking.timer.isActive()
    open_row(pane, mail.add(PLAIN, seen=True))
    assert not pane.marking.timer.isActive()
    assert mail.flags_set == []


# ---- drafts and the Outbox ---------------------------------------------------------------------------------------


def test_a_draft_offers_to_be_edited(pane: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot) -> None:
    row = mail.add(PLAIN, DRAFTS)
    open_row(pane, row)
    assert pane.banner.text() == "This is a draft."
    with qtbot.waitSignal(pane.edit_requested) as told:
        pane.banner.button("edit").click()
    assert told.args == [row]


def _outbox(mail: FakeMail, state: SendState, reply: str = "") -> RowId:
    row = mail.add(PLAIN, OUTBOX)
    who = (Recipient("no@example.org", "refused", reply),)
    mail.items[row] = OutboxItem(OutboxId(7), WORK, row, ContentHash(b""), "<x>", "a@b", who, state, 1, 0, reply, 0)
    return row


def test_the_outbox_tells_the_servers_words(
    pane: ReaderPane, mail: FakeMail, link: FakeLink, open_row: Open, qtbot: QtBot
) -> None:
    row = _outbox(mail, SendState.REFUSED, "550 no such user")
    open_row(pane, row)
    assert "550 no such user" in pane.banner.text()
    assert "no@example.org" in pane.banner.text()
    pane.banner.button("again").click()
    assert mail.retried == [7]
    assert link.wishes == [Wake((WORK,))]
    mail.items[row] = replace(mail.items[row], state=SendState.UNCERTAIN)
    link.heard.emit(OutboxChanged(OutboxId(7)))
    qtbot.waitUntil(lambda: "may have been sent" in pane.banner.text())
    pane.banner.button("arrived").click()
    assert mail.settled == [7]


@pytest.mark.parametrize("state", list(SendState))
def test_every_state_of_the_outbox_has_words(
    pane: ReaderPane, mail: FakeMail, open_row: Open, state: SendState
) -> None:
    open_row(pane, _outbox(mail, state))
    assert pane.banner.text().endswith(".")


# ---- links, words, size ------------------------------------------------------------------------------------------


def test_where_links_lead(pane: ReaderPane, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) or True)
    pane.bodies.link_clicked.emit("https://example.org/a")
    with qtbot.waitSignal(pane.mailto_requested) as told:
        pane.bodies.link_clicked.emit("mailto:bo@example.org?subject=Hi")
    assert told.args == ["mailto:bo@example.org?subject=Hi"]
    with qtbot.waitSignal(pane.status):
        pane.bodies.link_clicked.emit("file:///etc/passwd")
    pane.bodies.link_clicked.emit("javascript:alert(1)")
    assert opened == ["https://example.org/a"]


def test_find_scroll_copy_and_size(pane: ReaderPane, mail: FakeMail, open_row: Open) -> None:
    open_row(pane, mail.add(PLAIN + "line\n" * 200))
    pane.find_text()
    pane.find_bar.field.setText("thursday")
    assert pane.bodies.text.browser.textCursor().selectedText() == "Thursday"
    pane.find_bar.field.setText("nowhere")
    assert pane.find_bar.answer.text() == "Not found"
    pane.find_bar.shut()
    steps = 0
    while pane.scroll_page():
        steps += 1
    assert 2 < steps < 50
    before = pane.bodies.text.browser.document().defaultFont().pointSizeF()
    pane.zoom(1)
    assert pane.bodies.text.browser.document().defaultFont().pointSizeF() == pytest.approx(before * 1.1)
    pane.zoom(0)
    assert pane.bodies.text.browser.document().defaultFont().pointSizeF() == pytest.approx(before)
    pane.select_all()
    assert pane.bodies.text.browser.createMimeDataFromSelection().formats() == ["text/plain"]


def test_the_focus_goes_to_what_can_be_scrolled(
    make_pane: MakePane, mail: FakeMail, open_row: Open, qtbot: QtBot
) -> None:
    pane = make_pane(low_memory=False)
    pane.activateWindow()
    qtbot.waitUntil(pane.isActiveWindow)
    open_row(pane, mail.add(PLAIN))
    pane.setFocus()
    assert pane.bodies.text.browser.hasFocus()
    open_row(pane, mail.add(html_mail("<p>x</p>")))
    qtbot.waitUntil(lambda: pane.bodies.current.isAncestorOf(pane.focusWidget()))
    pane.find_text()
    assert pane.find_bar.field.hasFocus()
    pane.find_bar.shut()
    assert pane.bodies.current.isAncestorOf(pane.focusWidget())


def test_text_mails_follow_a_switch_of_colours(
    pane: ReaderPane, mail: FakeMail, open_row: Open, theme: Theme, qtbot: QtBot
) -> None:
    open_row(pane, mail.add(PLAIN))
    with qtbot.waitSignal(pane.displayed):
        theme.set(Scheme.DARK)
    cursor = pane.bodies.text.browser.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.Right)
    assert cursor.charFormat().foreground().color().name().upper() == theme.palette.text


# ---- behind the message ------------------------------------------------------------------------------------------


def test_source_and_story(pane: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot) -> None:
    open_row(pane, mail.add(PLAIN))
    pane.view_source()
    qtbot.waitUntil(lambda: len(pane.windows.all) == 1)
    window = pane.windows.all[0]
    assert "Subject: Plans for the week" in window.text.toPlainText()  # type: ignore[attr-defined]
    window.find_bar.field.setText("message-id")  # type: ignore[attr-defined]
    assert window.text.textCursor().selectedText() == "Message-ID"  # type: ignore[attr-defined]
    pane.show_story()
    qtbot.waitUntil(lambda: len(pane.windows.all) == 2)
    story = pane.windows.all[1]
    assert story.list.item(0).text().startswith("Arrived in Work/INBOX")  # type: ignore[attr-defined]
    for each in tuple(pane.windows.all):
        each.close()
    qtbot.waitUntil(lambda: pane.windows.all == [])


@pytest.mark.parametrize("simple", [True, False], ids=["simple", "webengine"])
def test_printing_to_a_file(
    make_pane: MakePane, mail: FakeMail, open_row: Open, qtbot: QtBot, tmp_path: Path, simple: bool
) -> None:
    pane = make_pane(low_memory=simple)
    open_row(pane, mail.add(html_mail(NEWSLETTER, inline=True)))
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "mail.pdf"))
    with qtbot.waitSignal(pane.status, timeout=15_000, check_params_cb=lambda words: words == "Printed"):
        pane.print_to(printer)
    assert (tmp_path / "mail.pdf").read_bytes().startswith(b"%PDF-")


def test_without_preparation_the_simple_view_serves(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qtmail.ui.reader.content import BodyKind, Content

    monkeypatch.delenv("QTWEBENGINE_CHROMIUM_FLAGS")
    bodies = Bodies(theme, simple=False)
    qtbot.addWidget(bodies)
    bodies.show_content(Content(BodyKind.HTML, "<p>hello</p>"))
    assert bodies.current is bodies.text


@pytest.mark.parametrize("line", ["x" * 1_000_000, "word " * 50_000, " " * 9_000, "short", ""])
def test_an_endless_line_is_drawn_in_pieces_that_say_the_same(line: str) -> None:
    pieces = list(in_pieces(line))
    assert "".join(pieces) == line
    assert max(len(piece) for piece in pieces) <= LONGEST


def test_a_long_address_does_not_squeeze_the_name_away(pane: ReaderPane, mail: FakeMail, open_row: Open) -> None:
    pane.resize(600, 500)
    open_row(pane, mail.add(PLAIN.replace("juergen@", "y" * 120 + "@")))
    header = pane.header
    assert header.author.text() == "Jürgen Klein"
    assert header.author.width() >= header.author.sizeHint().width()
    assert 0 < header.address.width() < header.address.sizeHint().width()

"""Attachments: names made safe, opened with care, saved whole, dragged out."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDrag, QImage, QPainter, QPdfWriter
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from qtmail.mime.file_names import safe_name
from qtmail.ui.parts.attachments import icon_name, size_words
from qtmail.ui.reader import ReaderPane, preview
from qtmail.ui.reader.files import Copies, free_path, runs
from qtmail.ui.reader.partsview import PartsWindow
from qtmail.ui.reader.preview import PictureView, PreviewWindow
from tests.qt.fakes import FakeMail
from tests.qt.reader.conftest import Open
from tests.qt.reader.samples import NEWSLETTER, PNG, html_mail

FILES = {"report.pdf": "application/pdf", "setup.exe": "application/octet-stream", "notes.txt": "text/plain"}


@pytest.fixture
def shown(pane: ReaderPane, mail: FakeMail, open_row: Open) -> ReaderPane:
    open_row(pane, mail.add(html_mail("<p>see files</p>", files=FILES)))
    return pane


def test_the_cards_are_in_sight_from_one_message_to_the_next(
    pane: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot
) -> None:
    rows = [mail.add(html_mail("<p>see files</p>", files={f"{n}.pdf": "application/pdf"})) for n in range(2)]
    for row in rows:
        open_row(pane, row)
        card = pane.strip.cards[0]
        qtbot.waitUntil(lambda card=card: not card.visibleRegion().isEmpty())
        assert card.visibleRegion().boundingRect().height() == card.height()


def test_a_thousand_attachments_come_in_portions(pane: ReaderPane, mail: FakeMail, open_row: Open) -> None:
    names = {f"{number}.txt": "text/plain" for number in range(100)}
    open_row(pane, mail.add(html_mail("<p>many</p>", files=names)))
    strip = pane.strip
    assert (len(strip.cards), strip.more_button.text()) == (12, "Show more (88 left)")
    strip.more_button.click()
    strip.more_button.click()
    strip.more_button.click()
    assert [card.name for card in strip.cards] == list(names)
    assert strip.more_button.isHidden()


@pytest.mark.parametrize("size", [(240, 370), (500, 220)])
def test_in_a_low_window_the_body_gives_way_not_the_header(
    shown: ReaderPane, qtbot: QtBot, size: tuple[int, int]
) -> None:
    shown.resize(*size)
    qtbot.waitUntil(lambda: shown.header.height() >= shown.header.heightForWidth(shown.header.width()))
    assert shown.strip.geometry().bottom() < shown.height()
    assert shown.bodies.height() > 0


@pytest.mark.parametrize(
    ("written", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\evil.txt", "C__evil.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("con.txt", "_con.txt"),
        ("...", "attachment"),
        ("a\r\nb\x00.txt", "ab.txt"),
        (" many   spaces .txt ", "many spaces .txt"),
        ("日本語.pdf", "日本語.pdf"),
    ],
)
def test_safe_names(written: str, safe: str) -> None:
    assert safe_name(written) == safe


def test_long_names_keep_their_extension() -> None:
    name = safe_name("日" * 300 + ".pdf")
    assert name.endswith(".pdf")
    assert len(name.encode()) <= 180


def test_what_runs() -> None:
    assert runs("Invoice.pdf.EXE")
    assert runs("a.docm ")
    assert not runs("a.pdf")


def test_free_path(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert free_path(tmp_path, "a.txt").name == "a (2).txt"


def test_copies_are_private_and_go(tmp_path: Path) -> None:
    copies = Copies()
    path = copies.put("a.txt", b"secret")
    assert path.read_bytes() == b"secret"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    copies.remove()
    assert not path.exists()


def test_icons_and_sizes() -> None:
    assert icon_name("application/octet-stream", "a.pdf") == "file-type-pdf"
    assert icon_name("image/png", "") == "photo"
    assert icon_name("application/x-unheard-of", "a") == "file"
    assert [size_words(n) for n in (1, 999, 12_300, 3_400_000, 27_000_000)] == [
        "1 byte", "999 bytes", "12 kB", "3.4 MB", "27 MB",
    ]  # fmt: skip


def test_cards(shown: ReaderPane) -> None:
    assert [card.name for card in shown.strip.cards] == list(FILES)
    assert shown.strip.isVisible()


def test_opening(shown: ReaderPane, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []

    def open_url(url: QUrl) -> bool:
        opened.append(Path(url.toLocalFile()))
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    shown.strip.open(shown.strip._parts[0])
    qtbot.waitUntil(lambda: len(opened) == 1)
    assert opened[0].name == "report.pdf"
    assert opened[0].read_bytes() == b"content of report.pdf"
    shown.strip.copies.remove()
    assert not opened[0].exists()


def test_a_program_is_not_opened_just_so(shown: ReaderPane, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda self: asked.append(self.text()))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: pytest.fail("opened"))
    qtbot.keyClick(shown.strip.cards[1], Qt.Key.Key_Return)
    assert "setup.exe" in asked[0]


def test_save_and_remember(shown: ReaderPane, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine.pdf"), ""))
    remembered: list[tuple[str, object]] = []
    shown.remember.connect(lambda name, value: remembered.append((name, value)))
    with qtbot.waitSignal(shown.strip.said):
        shown.strip.save(shown.strip._parts[0])
    assert (tmp_path / "mine.pdf").read_bytes() == b"content of report.pdf"
    assert remembered == [("save_folder", str(tmp_path))]


def test_save_all_overwrites_nothing(
    shown: ReaderPane, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    with qtbot.waitSignal(shown.strip.said):
        shown.save_attachments()
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "notes (2).txt").read_bytes() == b"content of notes.txt"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "notes (2).txt", "notes.txt", "report.pdf", "setup.exe",
    ]  # fmt: skip


def test_a_full_disk_is_told(shown: ReaderPane, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "a.pdf"), ""))
    shown.strip.save(shown.strip._parts[0])
    qtbot.waitUntil(lambda: "cannot be written" in shown.banner.text())


def test_dragging_out(shown: ReaderPane, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    dragged: list[Path] = []

    def execute(drag: QDrag, _action: Qt.DropAction) -> Qt.DropAction:
        dragged.extend(Path(url.toLocalFile()) for url in drag.mimeData().urls())
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", execute)
    card = shown.strip.cards[2]
    card.pressed.emit()
    qtbot.waitUntil(lambda: bool(shown.strip._ready))
    card.dragged.emit()
    assert dragged[0].name == "notes.txt"
    assert dragged[0].read_bytes() == b"content of notes.txt"


# ---- looking, detaching, removing --------------------------------------------------------------------------------


def look(pane: ReaderPane, qtbot: QtBot, number: int) -> PreviewWindow:
    with qtbot.waitSignal(pane.strip.window_made, timeout=10_000) as made:
        pane.strip.cards[number].opened.emit()
    assert made.args is not None
    window = made.args[0]
    assert isinstance(window, PreviewWindow)
    return window


def test_a_look_at_each_kind(pane: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot, tmp_path: Path) -> None:
    pdf = QPdfWriter(str(tmp_path / "a.pdf"))
    painter = QPainter(pdf)
    painter.drawText(100, 100, "Page one")
    painter.end()
    message = EmailMessage()
    message["From"], message["Subject"] = "a@b.test", "Files"
    message.set_content("x")
    for name, data in (
        ("dot.png", PNG), ("a.pdf", (tmp_path / "a.pdf").read_bytes()), ("a.csv", b"one;two"), ("bad.png", b"no"),
        ("invite.ics", b"BEGIN:VEVENT\nSUMMARY:Tea\nEND:VEVENT"), ("broken.pdf", b"%PDF-nothing"),
    ):  # fmt: skip
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    open_row(pane, mail.add(message.as_bytes()))
    views = [look(pane, qtbot, number).view for number in range(6)]
    assert isinstance(views[0], PictureView)
    assert views[0].widget().accessibleName() == "Picture, 2 × 2"
    assert views[1].accessibleName() == "PDF, 1 pages"
    assert views[2].toPlainText() == "one;two"
    assert views[3].text() == "This picture cannot be read."
    assert views[4].toPlainText() == "What: Tea"
    assert views[5].text().startswith("This PDF is damaged")
    assert len(pane.windows.all) == 6
    pane.windows.shut()
    qtbot.waitUntil(lambda: pane.windows.all == [])


def test_a_huge_picture_is_read_smaller(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(0)
    image.save(str(tmp_path / "large.png"))
    monkeypatch.setattr(preview, "MOST_PIXELS", 30_000)
    small = preview.picture_of((tmp_path / "large.png").read_bytes())
    assert 20_000 < small.width() * small.height() <= 30_500


def test_removing_and_detaching(
    shown: ReaderPane, mail: FakeMail, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = shown.strip._parts[0]
    with qtbot.waitSignal(shown.acted):
        shown.strip.removal_wanted.emit((first.index,))
    assert mail.removed == [(shown.row, (first.index,))]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "kept.pdf"), ""))
    with qtbot.waitSignal(shown.acted):
        shown.strip.detach(first)
    assert (tmp_path / "kept.pdf").read_bytes() == b"content of report.pdf"
    assert len(mail.removed) == 2
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "where.pdf"), ""))
    with qtbot.waitSignal(shown.strip.problem):
        shown.strip.detach(first)
    assert len(mail.removed) == 2, "what was not saved stays"


def test_saving_again_where_the_last_one_went(shown: ReaderPane, qtbot: QtBot, tmp_path: Path) -> None:
    shown.strip.folder = str(tmp_path)
    for _ in range(2):
        with qtbot.waitSignal(shown.strip.said):
            shown.strip.save_here(shown.strip._parts[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report (2).pdf", "report.pdf"]


def test_the_tree_of_parts(
    pane: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = mail.add(html_mail(NEWSLETTER, inline=True, files={"a.pdf": "application/pdf"}))
    open_row(pane, row)
    pane.show_parts()
    qtbot.waitUntil(lambda: len(pane.windows.all) == 1)
    (window,) = pane.windows.all
    assert isinstance(window, PartsWindow)
    assert not window.buttons["Save …"].isEnabled()
    item = window.tree.findItems("a.pdf", Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)[0]
    window.tree.setCurrentItem(item)
    open_row(pane, mail.add("From: a@b.c\nSubject: another\n\nx\n"))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(tmp_path / "kept.pdf"), ""))
    window.buttons["Save …"].click()
    qtbot.waitUntil(lambda: (tmp_path / "kept.pdf").exists())
    part = window.part
    assert part is not None
    assert (tmp_path / "kept.pdf").read_bytes() == mail.part(row, part.index)
    window.save_here()
    qtbot.waitUntil(lambda: (tmp_path / "a.pdf").exists())


def test_sound_is_looked_at_here(pane: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot) -> None:
    row = mail.add(html_mail("<p>x</p>", files={"hello.wav": "audio/x-wav"}))
    open_row(pane, row)
    made: list[PreviewWindow] = []
    pane.strip.window_made.connect(made.append)
    pane.strip.cards[0].opened.emit()
    qtbot.waitUntil(lambda: len(made) == 1)
    assert type(made[0].view).__name__ in ("Player", "QLabel"), "a player, or a word where there is no QtMultimedia"
    made[0].close()

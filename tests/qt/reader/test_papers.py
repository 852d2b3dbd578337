"""A message on paper and on the clipboard: page numbers, no empty page, a preview, PDF, Markdown; a selection alone."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from qtmail.ui.reader import ReaderPane
from qtmail.ui.reader.preview import PreviewWindow
from qtmail.ui.reader.printing import selection
from tests.qt.fakes import FakeMail
from tests.qt.reader.conftest import MakePane, Open
from tests.qt.reader.letters import LETTERS


def pages(path: Path) -> list[str]:
    """The words of each page."""
    document = QPdfDocument()
    document.load(str(path))
    found = [document.getAllText(page).text() for page in range(document.pageCount())]
    document.close()
    return found


def test_a_newsletter_on_paper(
    make_pane: MakePane, mail: FakeMail, open_row: Open, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pane = make_pane(low_memory=False)
    open_row(pane, mail.add(LETTERS["newsletter"]))
    target = tmp_path / "kept.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    with qtbot.waitSignal(pane.status, check_params_cb=lambda words: words == "Saved kept.pdf"):
        pane.papers.save_pdf()
    (only,) = pages(target)
    assert "What to sow in November" in only
    assert "1 / 1" in only
    open_row(pane, mail.add(LETTERS["office"]))
    pane.papers.preview()
    qtbot.waitUntil(lambda: len(pane.windows.all) == 1)
    (window,) = pane.windows.all
    assert isinstance(window, PreviewWindow)
    assert window.document.pageCount() == 1
    words = window.document.getAllText(0).text()
    assert "Could you send me the numbers" in words, "folded quotes are open on paper"
    assert "Show quoted" not in words
    window.close()


def _copied(words: str) -> bool:
    return words in QApplication.clipboard().text()


def test_words_for_other_programs(pane: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot) -> None:
    row = mail.add(LETTERS["office"])
    open_row(pane, row)
    for markdown, expected in ((True, "Best,  \nJon"), (False, "The plain alternative.")):
        QApplication.clipboard().clear()
        pane.papers.copy(markdown=markdown)
        qtbot.waitUntil(partial(_copied, expected))
    shown = pane.shown
    assert shown is not None
    alone = selection(shown, "Just <this>")
    assert "The numbers" in alone
    assert "Just &lt;this&gt;" in alone
    assert "Best" not in alone


def test_a_message_of_a_conversation_is_printed_alone(
    make_pane: MakePane, mail: FakeMail, open_row: Open, qtbot: QtBot
) -> None:
    pane = make_pane(conversation=True)
    rows = [mail.add(LETTERS[name], seen=True) for name in ("plain", "office")]
    for row in rows:
        mail.threads[row] = tuple(rows)
    open_row(pane, rows[0])
    pane.papers.preview()
    qtbot.waitUntil(lambda: len(pane.windows.all) == 1)
    window = pane.windows.all[0]
    assert isinstance(window, PreviewWindow)
    words = window.document.getAllText(0).text()
    assert "Plans for the week" in words
    assert "Quarter" not in words

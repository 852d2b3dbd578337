"""The text: what is typed, formatted, quoted, pasted, and what is written of it."""

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage, QTextCursor
from pytestqt.qtbot import QtBot

from qtmail.mime.rich import lines_of_html
from qtmail.ui.composer.document import lines_in
from qtmail.ui.composer.editor import Editor
from qtmail.ui.composer.toolbar import FormatBar, is_bold
from qtmail.ui.theme import Theme

QUOTED = (
    '<p><br></p><div class="signature">-- <br>Al</div><p class="attribution">Bo wrote:</p>'
    "<blockquote>one<blockquote>two</blockquote>three</blockquote>"
)


@pytest.fixture
def editor(qtbot: QtBot, theme: Theme) -> Editor:
    made = Editor(theme, lambda _name: QImage(10, 10, QImage.Format.Format_RGB32))
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show()
    made.load("", "", rich=True)
    return made


def levels(editor: Editor) -> list[tuple[int, str]]:
    return [(line.quote, line.text) for line in editor.lines()]


RICH = (
    "<h2>Agenda</h2><div>Some <b>bold</b>, <i>italic</i>, <u>under</u>, <s>gone</s>, <code>code</code> and "
    '<a href="https://example.org/x">a link</a>.</div><div><br></div><ul><li>one</li><li>two</li>'
    "<ul><li>deep</li></ul></ul><ol><li>first</li></ol>"
    '<blockquote type="cite"><div>q</div><blockquote type="cite"><div>qq</div></blockquote></blockquote>'
    '<hr><div>x <img src="cid:p@q" width="40">y</div><div class="signature"><div>-- </div><div>Al</div></div>'
)


def test_what_is_loaded_is_written_again(editor: Editor) -> None:
    editor.load("", RICH, rich=True)
    assert lines_in(editor.document()) == lines_of_html(RICH)
    once = editor.html()
    editor.load("", once, rich=True)
    assert editor.html() == once


def test_the_caret_is_at_the_start(editor: Editor) -> None:
    editor.load("", QUOTED, rich=True)
    assert editor.textCursor().position() == 0
    editor.caret_below_quote()
    assert editor.textCursor().block().text() == "three"
    editor.load("", "<blockquote>one</blockquote><p><br></p><div class=signature>-- <br>Al</div>", rich=True)
    editor.caret_below_quote()
    assert editor.textCursor().block().previous().text() == "one"
    assert editor.textCursor().block().text() == ""
    editor.load("> one\n\n\n\n-- \nAl", "", rich=False)
    editor.caret_below_quote()
    assert editor.textCursor().blockNumber() == 2


def test_typing_with_the_keys(editor: Editor, qtbot: QtBot, theme: Theme) -> None:
    bar = FormatBar(theme, editor)
    qtbot.addWidget(bar)
    editor.setFocus()
    qtbot.keyClicks(editor, "a ")
    qtbot.keyClick(editor, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(editor, "b")
    qtbot.keyClick(editor, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(editor, " c")
    assert editor.html() == "<div>a <b>b</b> c</div>"
    assert not is_bold(editor)


def test_lists_headings_and_clearing(editor: Editor, qtbot: QtBot) -> None:
    qtbot.keyClicks(editor, "one")
    editor.toggle_list("ul")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "two")
    assert editor.html() == "<ul><li>one</li><li>two</li></ul>"
    editor.selectAll()
    editor.toggle_list("ol")
    assert editor.html() == "<ol><li>one</li><li>two</li></ol>"
    editor.toggle_list("ol")
    assert editor.html() == "<div>one</div><div>two</div>"
    editor.set_heading(1)
    assert editor.html() == "<h1>one</h1><h1>two</h1>"
    editor.toggle("italic")
    editor.selectAll()
    editor.clear_formatting()
    assert editor.html() == "<div>one</div><div>two</div>"


def test_links(editor: Editor, qtbot: QtBot) -> None:
    qtbot.keyClicks(editor, "see it")
    editor.selectAll()
    editor.set_link("https://example.org/")
    assert editor.html() == '<div><a href="https://example.org/">see it</a></div>'
    assert editor.text() == "see it <https://example.org/>"
    editor.selectAll()
    editor.set_link("")
    assert editor.html() == "<div>see it</div>"


def test_enter_in_a_quote_opens_a_line_to_answer_on(editor: Editor, qtbot: QtBot) -> None:
    editor.load("", "<blockquote>one two</blockquote>", rich=True)
    cursor = editor.textCursor()
    cursor.setPosition(4)
    editor.setTextCursor(cursor)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "yes")
    assert levels(editor) == [(1, "one "), (0, "yes"), (1, "two")]


def test_backspace_takes_a_line_out_of_the_quote(editor: Editor, qtbot: QtBot) -> None:
    editor.load("", "<blockquote>a<blockquote>b</blockquote></blockquote>", rich=True)
    editor.moveCursor(QTextCursor.MoveOperation.End)
    editor.moveCursor(QTextCursor.MoveOperation.StartOfBlock)
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    assert levels(editor) == [(1, "a"), (1, "b")]
    editor.shift_quote(1)
    assert levels(editor) == [(1, "a"), (2, "b")]


def test_pasted_html_is_made_harmless(editor: Editor) -> None:
    data = QMimeData()
    data.setHtml('<p>x <b>y</b><script>z</script><img src="http://127.0.0.1:9/p.png"></p>')
    editor.insertFromMimeData(data)
    assert editor.html() == "<div>x <b>y</b></div>"
    editor.load("", "", rich=False)
    data.setText("x y")
    editor.insertFromMimeData(data)
    assert editor.text() == "x y"


def test_pasted_files_and_pictures_are_offered(editor: Editor, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/a.txt")])
    with qtbot.waitSignal(editor.files_pasted) as told:
        editor.insertFromMimeData(data)
    assert told.args == [["/tmp/a.txt"]]
    picture = QMimeData()
    picture.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    with qtbot.waitSignal(editor.picture_pasted):
        editor.insertFromMimeData(picture)


def test_nothing_but_own_pictures_is_drawn(editor: Editor) -> None:
    assert not editor.loadResource(2, QUrl("cid:p@q")).isNull()  # type: ignore[attr-defined]
    for url in ("file:///etc/hostname", "http://127.0.0.1:9/x.png"):
        assert editor.loadResource(2, QUrl(url)).isNull()  # type: ignore[attr-defined]


@pytest.mark.parametrize("rich", [True, False], ids=["rich", "plain"])
def test_the_signature_is_exchanged(editor: Editor, rich: bool) -> None:
    text = "Hello\n\n-- \nAlice Doe\nLtd\n\nBo wrote:\n> hi\n"
    editor.load(text, "", rich=rich)
    editor.replace_signature("Alice Doe\nLtd", "Al")
    assert editor.text() == "Hello\n\n-- \nAl\n\nBo wrote:\n> hi\n"
    assert editor.own_words() == "Hello\n\n\nBo wrote:\n"
    editor.replace_signature("Al", "")
    assert "-- " not in editor.text()
    editor.replace_signature("", "New\nOne")
    assert "-- \nNew\nOne\n" in editor.text()
    assert editor.text().index("New") < editor.text().index("> hi")
    assert editor.own_words().count("New") == 0


def test_a_signature_changed_by_hand_stays(editor: Editor) -> None:
    editor.load("Hello\n\n-- \nMe, today", "", rich=True)
    editor.replace_signature("Alice", "Al")
    assert editor.text() == "Hello\n\n-- \nMe, today"


def test_copying_takes_tidy_formatting_along(editor: Editor) -> None:
    editor.load("", "<b>bold</b> word", rich=True)
    editor.selectAll()
    data = editor.createMimeDataFromSelection()
    assert data.html() == "<div><b>bold</b> word</div>"
    assert data.text() == "bold word"

"""Pictures of the window in all its looks, with names that try it. Set QTMAIL_PICTURES to a folder to keep them."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from qtmail import events
from qtmail.model import AccountState, Flag, Role, RowId
from qtmail.settings import Layout, Scheme, Settings
from qtmail.ui.theme import DARK, LIGHT, Palette
from tests.qt.fakes import HOME, WORK, FakeLink
from tests.qt.pictures import UNPAINTED, colours, picture
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, settle

HOUR = 3600
MAIL = (
    ("Bo Lind", "Minutes of Tuesday", 0),
    ("Gwendolyn Featherstonehaugh-Marjoribanks of the Extraordinary Committee",
     "Minutes of the extraordinary general meeting concerning the leaking north-western corner of the roof", HOUR),
    ("山田 ゆき", "ご予約の確認（桜旅館・二名様）", 2 * HOUR),
    ("ليلى حداد", "وصفة جدتي للمغلي", 30 * HOUR),
    ("🌱 Garden", "🌱🌿🌳 It came up!", 50 * HOUR),
    ("", "", 400 * HOUR),
)  # fmt: skip


@pytest.fixture
def full(shell: ShellMail) -> ShellMail:
    inbox = shell.of_role(Role.INBOX)
    for number, (sender, subject, age) in enumerate(MAIL):
        row = shell.put(inbox, subject, age=age, seen=number > 2, sender=sender or "x")
        if not sender:
            shell.rows_by_id[row] = replace(shell.rows_by_id[row], correspondent="", preview="")
        if number == 3:
            shell.rows_by_id[row] = replace(
                shell.rows_by_id[row], attachments=2, flags=frozenset({Flag.SEEN, Flag.FLAGGED, Flag.ANSWERED})
            )
    shell.put_folder(WORK, "A folder whose name is longer than any sidebar would like it to be")
    shell.put_folder(WORK, "Projects")
    shell.put_folder(WORK, "Projects/Ünïcödé 日本語")
    return shell


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("size", [(1280, 800), (1000, 640)])
@pytest.mark.parametrize(("scheme", "palette"), [(Scheme.LIGHT, LIGHT), (Scheme.DARK, DARK)])
@pytest.mark.parametrize("layout", list(Layout))
def test_the_window_in_all_its_looks(
    qtbot: QtBot, full: ShellMail, make_window: MakeWindow, engine: FakeLink,
    scheme: Scheme, palette: Palette, size: tuple[int, int], scale: float, layout: Layout,
) -> None:  # fmt: skip
    window = make_window(Settings(scheme=scheme, layout=layout))
    window.theme.set(scheme)
    window.resize(*size)
    settle(qtbot, window, len(MAIL))
    engine.heard.emit(events.StateChanged(WORK, AccountState.SYNCING, "", 214, 5000))
    engine.heard.emit(events.StateChanged(HOME, AccountState.WRONG_PASSWORD, "The password is not accepted."))
    window.list.select(RowId(window.list.ids()[1]))
    name = f"window-{scheme}-{layout}-{size[0]}-{scale:.0f}x"
    with qtbot.waitSignal(window.reader.displayed, timeout=5000):
        pass
    found = colours(picture(window, scale, name))
    for ground in (palette.window, palette.surface, palette.sidebar):
        assert found.get(ground, 0) > sum(found.values()) / 50, f"{ground} is missing: {name}"
    assert UNPAINTED not in found, "something was not painted"
    other = LIGHT if palette is DARK else DARK
    assert found.get(other.surface, 0) < sum(found.values()) / 100, "the other scheme shines through"


@pytest.mark.parametrize(("scheme", "palette"), [(Scheme.LIGHT, LIGHT), (Scheme.DARK, DARK)])
def test_an_empty_account(
    full: ShellMail, make_window: MakeWindow, qtbot: QtBot, scheme: Scheme, palette: Palette
) -> None:
    window = make_window(Settings(scheme=scheme))
    window.theme.set(scheme)
    assert window.sidebar.open_place("home/INBOX")
    settle(qtbot, window, 0)
    found = colours(picture(window, 1.0, f"empty-{scheme}"))
    assert window.list.empty.text() == "You are all caught up."
    assert found.get(palette.surface, 0) > sum(found.values()) / 4

"""The preferences window: every declared setting has an editor, every change is saved and told."""

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from qtmail import settings
from qtmail.events import Wish
from qtmail.paths import Profile
from qtmail.settings import Settings
from qtmail.ui.preferences.place import PlaceField
from qtmail.ui.preferences.window import Preferences
from qtmail.ui.preferences.words import WordList
from qtmail.ui.theme import Theme
from qtmail.ui.window.first_run import FirstRun


class LinkToNobody(QObject):
    heard = Signal(object)

    def wish(self, wish: Wish) -> None:
        raise AssertionError(wish)


SHOWN = [entry.name for entry, about in settings.declared() if about.page]


@pytest.mark.parametrize("name", SHOWN)
def test_each_setting_can_be_changed_and_is_saved(name: str, qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    profile = Profile(tmp_path).create()
    window = Preferences(profile, LinkToNobody(), theme, Settings())
    qtbot.addWidget(window)
    before = getattr(Settings(), name)
    with qtbot.waitSignal(window.changed) as caught:
        match window.editors[name]:
            case QCheckBox() as box:
                box.click()
            case QComboBox() as combo:
                combo.setCurrentIndex((combo.currentIndex() + 1) % combo.count())
            case QSpinBox() as spin:
                spin.setValue(spin.value() + 1)
            case WordList() as words:
                words.typing.setText(" @Example.org ")
                words.add_button.click()
            case PlaceField() as place:
                place.typing.setText("/home/alice/calendar.ics")
                place.typing.editingFinished.emit()
            case other:
                raise AssertionError(other)
    (told,) = caught.args
    assert getattr(told, name) != before
    assert settings.load(profile.settings, print) == told


def test_first_run_offers_three_ways_on(qtbot: QtBot, theme: Theme) -> None:
    page = FirstRun(theme)
    qtbot.addWidget(page)
    for button, signal in ((page.add, page.add_account), (page.demo, page.open_demo), (page.file, page.open_file)):
        with qtbot.waitSignal(signal):
            button.click()
        with qtbot.waitSignal(signal):
            qtbot.keyClick(button, Qt.Key.Key_Return)

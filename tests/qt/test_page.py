"""Forms on small screens, and the wheel over their fields."""

from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QDialog, QWidget
from pytestqt.qtbot import QtBot

from qtmail.model import Security
from qtmail.paths import Profile
from qtmail.settings import Settings
from qtmail.ui.accounts import AccountDialog
from qtmail.ui.link import Link
from qtmail.ui.parts.page import Page, open_at
from qtmail.ui.preferences.window import Preferences
from qtmail.ui.theme import Theme
from tests.qt.fakes import FakeLink


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profile").create()


def turn_wheel(widget: QWidget) -> None:
    middle = QPointF(widget.rect().center())
    QApplication.sendEvent(
        widget,
        QWheelEvent(
            middle, QPointF(widget.mapToGlobal(middle)), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        ),
    )  # fmt: skip


def test_the_wheel_scrolls_the_form_and_changes_nothing(qtbot: QtBot, profile: Profile, theme: Theme) -> None:
    account = AccountDialog(profile, cast(Link, FakeLink()), theme)
    preferences = Preferences(profile, cast(Link, FakeLink()), theme, Settings())
    changed: list[QWidget] = []
    for dialog in (account, preferences):
        qtbot.addWidget(dialog)
        dialog.show()
        for number in range(preferences.names.count()):
            preferences.names.setCurrentRow(number)  # every page was seen
        for page in dialog.findChildren(Page):
            for combo in page.findChildren(QComboBox):
                combo.currentIndexChanged.connect(lambda _i, it=combo: changed.append(it))
                turn_wheel(combo)
            for field in page.findChildren(QAbstractSpinBox):
                before = field.text()
                turn_wheel(field)
                assert field.text() == before, field.accessibleName()
    assert not changed
    bar = account.findChildren(Page)[0].verticalScrollBar()
    bar.setValue(0)
    turn_wheel(account.form.incoming.security)
    assert bar.value() > 0


def test_a_port_that_was_typed_stays_when_the_protection_changes(qtbot: QtBot, profile: Profile, theme: Theme) -> None:
    dialog = AccountDialog(profile, cast(Link, FakeLink()), theme)
    qtbot.addWidget(dialog)
    fields = dialog.form.incoming
    choose = {security: fields.security.findData(security) for security in Security}
    assert fields.port.value() == 993
    fields.security.setCurrentIndex(choose[Security.NONE])
    assert fields.port.value() == 143
    fields.port.setValue(1143)
    fields.security.setCurrentIndex(choose[Security.TLS])
    assert fields.port.value() == 1143


def test_a_window_opens_as_large_as_wanted_and_never_larger_than_the_screen(
    qtbot: QtBot, profile: Profile, theme: Theme
) -> None:
    screen = QApplication.primaryScreen().availableSize()
    dialog = AccountDialog(profile, cast(Link, FakeLink()), theme)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.height() > screen.height() * 0.8, "not the two thirds that Qt would give it"
    large = QDialog()
    qtbot.addWidget(large)
    open_at(large, QSize(4000, 4000))
    large.show()
    assert large.width() < screen.width()
    assert large.height() < screen.height()

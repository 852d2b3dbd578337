"""Composer windows on a made-up account store."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from qtmail.model import Address, Draft
from qtmail.settings import Settings
from qtmail.ui.composer import ComposerWindow, open_composer
from qtmail.ui.theme import Theme
from tests.qt.fakes import WORK, FakeLink, FakeMail

Compose = Callable[..., ComposerWindow]
BO = Address("Bo", "bo@example.org")


def addressed(mail: FakeMail, subject: str = "Hello") -> Draft:
    return replace(mail.new_draft(WORK), to=(BO,), subject=subject)


def write(window: ComposerWindow, words: str) -> None:
    window.editor.textCursor().insertText(words)


@pytest.fixture
def mail() -> FakeMail:
    return FakeMail()


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest.fixture
def compose(qtbot: QtBot, mail: FakeMail, link: FakeLink, theme: Theme) -> Iterator[Compose]:
    """Open a window for a draft (a new one by default), with these settings; all are taken down in the end."""
    windows: list[ComposerWindow] = []

    def make(draft: Draft | None = None, **values: object) -> ComposerWindow:
        settings = Settings(**values)  # type: ignore[arg-type]
        window = open_composer(mail.mail, link, theme, settings, draft or mail.mail.new_draft(WORK))
        qtbot.waitUntil(window.isActiveWindow)
        windows.append(window)
        window.closed.connect(windows.remove)
        return window

    yield make
    for window in tuple(windows):
        window._end("")
        with qtbot.waitSignal(window.closed):
            window.close()

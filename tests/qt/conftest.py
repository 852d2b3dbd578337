"""What every window test starts from: an application without a screen, a theme, and an account store made of lists."""

import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from qtmail.settings import Density, Scheme
from qtmail.ui.theme import Theme


@pytest.fixture(scope="session")
def _one_theme(qapp: QApplication) -> Theme:
    return Theme(qapp, Scheme.LIGHT)


@pytest.fixture
def theme(_one_theme: Theme) -> Iterator[Theme]:
    """The light theme, normal density; put back after each test."""
    made = _one_theme
    yield made
    if made.scheme is not Scheme.LIGHT or made.density is not Density.NORMAL:
        made.set(Scheme.LIGHT, Density.NORMAL)

"""The tokens keep look.md's promises, and a switch reaches everything at once."""

import re

import pytest
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QApplication

from qtmail.model import Role
from qtmail.paths import resources
from qtmail.settings import Density, Scheme
from qtmail.ui import icons
from qtmail.ui.parts.avatar import colours, initials
from qtmail.ui.theme import DARK, LIGHT, MARK_PAIRS, TEXT_PAIRS, Palette, Theme, Tone, Type, contrast


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground"), TEXT_PAIRS)
def test_words_can_be_read(palette: Palette, front: Tone, ground: Tone) -> None:
    assert contrast(getattr(palette, front), getattr(palette, ground)) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground"), MARK_PAIRS)
def test_icons_and_focus_rings_can_be_seen(palette: Palette, front: Tone, ground: Tone) -> None:
    assert contrast(getattr(palette, front), getattr(palette, ground)) >= 3


@pytest.mark.parametrize("dark", [False, True])
def test_avatars_can_be_read(dark: bool) -> None:
    for number in range(60):
        ground, letters = colours(f"person{number}@example.test", dark=dark)
        assert contrast(ground.name(), letters.name()) >= 4.5


def test_contrast_is_the_wcag_ratio() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_every_icon_can_be_drawn(qapp: QApplication) -> None:
    for name in icons.names():
        image = icons.pixmap(name, "#3E63DD", 16, 2.0)
        assert image.width() == 32
        drawn = image.toImage()
        assert any(drawn.pixelColor(x, y).alpha() for x in range(32) for y in range(32)), name


def test_every_role_has_its_icon() -> None:
    assert set(icons.ROLE_ICONS) == set(Role)
    assert set(icons.ROLE_ICONS.values()) <= set(icons.names())


def test_an_unknown_icon_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="no-such-thing"):
        icons.drawing("no-such-thing", "#000000")


def test_the_style_sheet_writes_no_colour_itself() -> None:
    text = (resources() / "styles" / "app.qss").read_text("utf-8")
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb\(", text)


def test_a_switch_is_live(theme: Theme, qapp: QApplication) -> None:
    action = QAction("Archive")
    theme.dress(action, "archive")
    told: list[object] = []
    theme.changed.connect(told.append)
    before = action.icon().pixmap(20).toImage()
    theme.set(Scheme.DARK)
    theme.changed.disconnect(told.append)
    assert told == [DARK]
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == DARK.window
    assert DARK.surface in qapp.styleSheet()
    assert action.icon().pixmap(20).toImage() != before


def test_density_is_the_padding_of_rows(theme: Theme) -> None:
    padding = []
    for density in Density:
        theme.set(density=density)
        padding.append(theme.row_padding)
    assert padding == [2, 6, 10]


def test_the_type_scale_follows_the_system_size(theme: Theme, qapp: QApplication) -> None:
    base = qapp.font().pointSizeF()
    assert theme.font().pointSizeF() == base
    assert theme.font(Type.TITLE).pointSizeF() == pytest.approx(base * 1.5)


@pytest.mark.parametrize(
    ("name", "address", "wanted"),
    [
        ("Alice Example", "a@x", "AE"),
        ("Bo", "b@x", "B"),
        ("", "carol@example.test", "C"),
        ("山田 太郎", "y@x", "山"),
        ("", "", "?"),
        ("“Quoted” Name", "q@x", "N"),
    ],
)
def test_initials(name: str, address: str, wanted: str) -> None:
    assert initials(name, address) == wanted

"""What mails look like, light and dark; set QTMAIL_PICTURES to a folder to keep the pictures and look at them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from qtmail.mime.colours import Colour, contrast
from qtmail.settings import Scheme
from qtmail.ui.reader import ReaderPane
from qtmail.ui.theme import DARK, LIGHT, Theme
from qtmail.ui.tour.pictures import ink
from tests.qt.fakes import FakeMail
from tests.qt.pictures import UNPAINTED, colours, picture
from tests.qt.reader.conftest import MakePane, Open
from tests.qt.reader.letters import LETTERS

Settle = Callable[[ReaderPane], None]


@pytest.fixture
def settle(qtbot: QtBot) -> Settle:
    """Wait until the body is painted: there is something on it, and two pictures of it are the same."""

    def wait(pane: ReaderPane) -> None:
        last: list[bytes] = []

        def still() -> bool:
            image = pane.bodies.grab().toImage()  # its bits live as long as it does
            now = bytes(image.constBits())
            same = bool(last) and last[-1] == now
            last.append(now)
            return same and ink(pane.bodies) > 0.001

        qtbot.waitUntil(still, timeout=10_000)

    return wait


def share(found: dict[str, int], colour: str) -> float:
    return found.get(colour.upper(), 0) / max(sum(found.values()), 1)


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_pictures_of_all_letters(
    make_pane: MakePane, mail: FakeMail, open_row: Open, settle: Settle, theme: Theme, scheme: Scheme
) -> None:
    theme.set(scheme)
    pane = make_pane(low_memory=False)
    pane.resize(900, 700)
    mail.met = {"juergen@example.org": (107, 108), "news@example.org": (12, 0)}
    for name, raw in LETTERS.items():
        open_row(pane, mail.add(raw, seen=True))
        settle(pane)
        image = pane.grab().toImage()
        _keep(pane, f"mail-{name}-{scheme}")
        found = colours(image)
        assert UNPAINTED not in found, name
        ground = DARK.surface if scheme is Scheme.DARK else LIGHT.surface
        assert share(found, ground) > 0.1, name
        if scheme is Scheme.DARK:
            # Every one of these can be read in the dark: none lies on a light card.
            assert share(found, "#FFFFFF") < 0.05, name


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_pictures_of_a_conversation(
    make_pane: MakePane,
    mail: FakeMail,
    open_row: Open,
    settle: Settle,
    theme: Theme,
    scheme: Scheme,
    qtbot: QtBot,
) -> None:
    theme.set(scheme)
    names = [name for name in LETTERS if name != "answer"]  # which has the Message-ID of another
    rows = [mail.add(LETTERS[name], seen=name not in ("japanese", "report")) for name in names]
    for row in rows:
        mail.threads[row] = tuple(rows)
    ground = DARK.surface if scheme is Scheme.DARK else LIGHT.surface
    web = make_pane(low_memory=False, conversation=True)
    for width in (900, 420):
        web.resize(width, 700)
        open_row(web, rows[0])
        qtbot.waitUntil(lambda: web.bodies.grab().toImage().pixelColor(3, 3) == QColor(ground), timeout=10_000)
        for name in ("plain", "newsletter", "japanese", "arabic"):
            open_row(web, rows[names.index(name)])
            settle(web)
            _keep(web, f"conversation-{name}-{width}-{scheme}")
            found = colours(web.grab().toImage())
            assert UNPAINTED not in found, name
            assert share(found, ground) > 0.1, name
    text = make_pane(low_memory=True, conversation=True)
    open_row(text, rows[names.index("plain")])
    for scale in (1.0, 2.0):
        found = colours(picture(text, scale, f"conversation-simple-{scale:.0f}x-{scheme}"))
        assert UNPAINTED not in found
        assert share(found, ground) > 0.1


def _keep(pane: ReaderPane, name: str) -> None:
    """As `pictures.picture` does; but a web view paints itself in a grab only."""
    if kept := os.environ.get("QTMAIL_PICTURES"):
        Path(kept).mkdir(parents=True, exist_ok=True)
        pane.grab().save(str(Path(kept) / f"{name}.png"))


def test_the_dark_theme_has_the_colours_mails_are_turned_to() -> None:
    from qtmail.mime.dark import GROUND, LINK, WORDS

    for ours, theirs in ((GROUND, DARK.surface), (WORDS, DARK.text), (LINK, DARK.accent)):
        assert QColor(ours.css()) == QColor(theirs)
    assert contrast(Colour(1, 1, 1), Colour(0, 0, 0)) == pytest.approx(21)

"""The tour, last part: the other looks, and every dialog."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QLineEdit

from qtmail.model import Role
from qtmail.settings import Density, Layout, Scheme
from qtmail.ui.accounts import AccountDialog, SetUpDialog
from qtmail.ui.actions import Act
from qtmail.ui.preferences.window import Preferences
from qtmail.ui.tour.stage import Stage
from qtmail.ui.tour.step import Step
from qtmail.ui.tour.steps_reading import picture_seen
from qtmail.ui.window.arrangement import PREFERRED

NARROW = (1000, 640)
A_PASSWORD = "demo"  # noqa: S105


def compact(stage: Stage) -> None:
    stage.close_dialog()
    stage.do(Act.COMPACT)
    stage.read("Alma", Role.INBOX, "The boat")


def is_compact(stage: Stage) -> str:
    theme = stage.window.theme
    return picture_seen(stage, "Skärhamn") or ("" if theme.density is Density.COMPACT else "the compact density")


def dark(stage: Stage) -> None:
    stage.do(Act.NORMAL)
    stage.do(Act.DARK)
    stage.read("Work", Role.INBOX, "Design review")


def is_dark(stage: Stage) -> str:
    """Palette, list and text mail are dark."""
    if not stage.window.theme.dark or stage.displayed != stage.kept["read"]:
        return "the dark colours"
    ground = stage.window.reader.grab().toImage().pixelColor(8, stage.window.reader.height() - 8)
    return "" if ground.lightness() < 60 else "the reader in dark colours"


def dark_html(stage: Stage) -> None:
    stage.read("Work", Role.INBOX, "I have the key")


def dark_html_seen(stage: Stage) -> str:
    return picture_seen(stage, "desk")


def below(stage: Stage) -> None:
    stage.do(Act.LIGHT)
    stage.do(Act.LAYOUT)
    stage.read("Alma", Role.INBOX, "What to look for")


def is_below(stage: Stage) -> str:
    """The reader is below, and the list has become a table."""
    window = stage.window
    missing = picture_seen(stage, "planets")
    if missing:
        return missing
    top = window.reader.mapTo(window, window.reader.rect().topLeft()).y()
    end = window.list.mapTo(window, window.list.rect().bottomLeft()).y()
    if window.settings.layout is not Layout.BELOW or top < end:
        return "the reader below the list"
    return "the list as a table" if window.list.view.cards else ""


def narrow(stage: Stage) -> None:
    stage.do(Act.LAYOUT)
    stage.window.resize(*NARROW)
    stage.read("Alma", Role.INBOX, "Saturday: work party")


def is_narrow(stage: Stage) -> str:
    size = (stage.window.width(), stage.window.height())
    return picture_seen(stage, "compost") or ("" if size == NARROW else "a window of 1000 by 640")


def preferences(stage: Stage) -> None:
    stage.window.resize(*PREFERRED)
    stage.dialog = stage.window.dialogs.preferences("Appearance")


def is_open(stage: Stage) -> str:
    return "" if stage.dialog is not None and stage.dialog.isVisible() else "the dialog"


def accounts(stage: Stage) -> None:
    stage.dialog = stage.window.dialogs.preferences("Accounts")


def own_keys(stage: Stage) -> None:
    """A key that another action has is asked about."""
    page = stage.window.dialogs.preferences("Shortcuts").shortcuts
    page.choose(Act.STAR)
    page.edit.setKeySequence(QKeySequence("Ctrl+N"))
    page.edit.editingFinished.emit()


def key_is_taken(stage: Stage) -> str:
    dialog = stage.dialog
    asked = isinstance(dialog, Preferences) and dialog.shortcuts.take.isVisible()
    return "" if asked else "the question about a key that is taken"


def add_account(stage: Stage) -> None:
    """Type what the demo's server needs, and press Test."""
    stage.close_dialog()
    stage.window.dialogs.add_account()
    start = next(d for d in stage.window.findChildren(SetUpDialog) if d.isVisible())
    start.hand_button.click()
    dialog = next(d for d in stage.window.findChildren(AccountDialog) if d.isVisible())
    stage.dialog = dialog
    known, form = stage.account("Alma"), dialog.form
    _type(form.display_name, known.display_name)
    _type(form.address, known.address)
    form.incoming.load(known.incoming)
    _type(form.incoming.password, A_PASSWORD)
    assert known.outgoing is not None
    form.outgoing.load(known.outgoing)
    dialog.test_button.click()


def account_tested(stage: Stage) -> str:
    """Both servers let us in."""
    dialog = stage.dialog
    assert isinstance(dialog, AccountDialog)
    if dialog.problem.isVisible():
        return f"a test without “{dialog.problem.text()}”"
    return "" if dialog.verdict.isVisible() else "what came of the test"


def _type(field: QLineEdit, text: str) -> None:
    field.setText(text)
    field.textEdited.emit(text)


def palette(stage: Stage) -> None:
    stage.close_dialog()
    stage.do(Act.PALETTE)
    assert stage.window.dialogs.finder is not None
    stage.window.dialogs.finder.field.setText("mira")


def palette_open(stage: Stage) -> str:
    finder = stage.window.dialogs.finder
    if finder is None or not finder.isVisible():
        return "the palette"
    stage.dialog = finder
    return "" if any("Mira Lindqvist" in text for text in finder.texts()) else "Mira among what is found"


def shortcuts(stage: Stage) -> None:
    stage.close_dialog()
    stage.dialog = stage.window.dialogs.shortcuts()


def activity(stage: Stage) -> None:
    stage.close_dialog()
    stage.do(Act.ACTIVITY)
    stage.dialog = stage.window.panel


def activity_open(stage: Stage) -> str:
    """Above the line that was clicked, inside the window."""
    panel, window = stage.window.panel, stage.window
    if not panel.isVisible():
        return "the panel"
    corner = window.mapFromGlobal(panel.mapToGlobal(panel.rect().topLeft()))
    inside = window.rect().contains(panel.rect().translated(corner))
    return "" if inside and "Alma" in panel.words() else "the panel inside the window, with both accounts"


def closed(stage: Stage) -> str:
    """At the end every dialog is closed and the window is as it was."""
    left = [dialog for dialog in stage.window.findChildren(QDialog) if dialog.isVisible()]
    if left:
        return f"{len(left)} dialogs, closed"
    settings = stage.window.settings
    back = (settings.scheme, settings.density, settings.layout) == (Scheme.LIGHT, Density.NORMAL, Layout.RIGHT)
    return "" if back else "the usual look"


LOOKS = (
    Step("compact", "lists can be compact", compact, is_compact),
    Step("dark", "everything can be dark", dark, is_dark),
    Step("dark-html", "an HTML mail in the dark", dark_html, dark_html_seen),
    Step("reader-below", "the reader goes below a table", below, is_below),
    Step("narrow", "a small window", narrow, is_narrow),
    Step("preferences", "the preferences", preferences, is_open),
    Step("accounts", "the accounts", accounts, is_open),
    Step("keys", "a shortcut is changed", own_keys, key_is_taken),
    Step("add-account", "an account is typed in and both its servers are tried", add_account, account_tested),
    Step("palette", "the palette finds actions, folders and people", palette, palette_open),
    Step("shortcuts", "all keys on one page", shortcuts, is_open),
    Step("activity", "what the accounts are doing", activity, activity_open),
    Step("end", "everything is closed again", Stage.close_dialog, closed, picture=False),
)

"""Ctrl+Shift+P: every action, folder, person and setting, found by typing."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtGui import QKeySequence

from qtmail.engine.mail import Mail
from qtmail.model import Account, Address, Folder, Role
from qtmail.settings import declared
from qtmail.ui.actions import ACTIONS, Act, Actions, plain
from qtmail.ui.icons import ROLE_ICONS
from qtmail.ui.keyboard.finder import Choice
from qtmail.ui.places import Place, folder_label, place_of

NO_ACTIONS = frozenset({Act.PALETTE, Act.READ_ON})


def action_choices(actions: Actions) -> list[Choice]:
    """Those that make sense now, with their keys."""
    made = []
    for spec in ACTIONS:
        action = actions[spec.id]
        if spec.id not in NO_ACTIONS and action.isEnabled():
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            made.append(Choice(plain(action.text()), spec.icon, action.trigger, keys, f"{spec.tip} {plain(spec.menu)}"))
    return made


def folder_choices(
    folders: Sequence[Folder], accounts: Sequence[Account], take: Callable[[Folder], object]
) -> list[Choice]:
    """Every folder messages can be in; the Outbox is none of them."""
    return [
        Choice(folder_label(folder, accounts), ROLE_ICONS[folder.role], partial(take, folder), "", folder.path)
        for folder in folders
        if folder.selectable and folder.role is not Role.OUTBOX
    ]


def place_choices(
    folders: Sequence[Folder], accounts: Sequence[Account], go: Callable[[Place], object]
) -> list[Choice]:
    """Folders to go to."""
    return [
        Choice(folder_label(f, accounts), ROLE_ICONS[f.role], partial(go, place_of(f)), "Go to", f"{f.path} folder")
        for f in folders
        if f.selectable
    ]


def setting_choices(show: Callable[[str], object]) -> list[Choice]:
    """The preferences, by what they are called; `show` gets the page."""
    return [
        Choice(about.label, "settings", partial(show, about.page), about.page, f"{about.hint} setting")
        for _, about in declared()
        if about.page and about.label
    ]


def people_choices(mail: Mail, search: Callable[[Address], object]) -> Callable[[str], list[Choice]]:
    """Looked up as one types: choosing a person shows their mail."""

    def look(typed: str) -> list[Choice]:
        return [
            Choice(person.name or person.address, "user", partial(search, person), person.address)
            for person in mail.known_people(typed, 5)
        ]

    return look

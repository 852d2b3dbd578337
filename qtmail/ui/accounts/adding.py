"""The way to a new account: the short set-up first, the whole form where that does not do."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from qtmail.model import Account
from qtmail.paths import Profile
from qtmail.ui.accounts.begun import Begun
from qtmail.ui.accounts.dialog import AccountDialog
from qtmail.ui.accounts.set_up import SetUpDialog
from qtmail.ui.link import Link
from qtmail.ui.theme import Theme


def add_account(
    profile: Profile, link: Link, theme: Theme, parent: QWidget, saved: Callable[[Account], object]
) -> SetUpDialog:
    """Open it. `saved` is called once an account is in accounts.toml."""

    def by_hand(begun: Begun) -> None:
        form = edit_account(profile, link, theme, None, parent, saved)
        form.form.begin(begun)

    dialog = SetUpDialog(profile, link, theme, parent)
    dialog.saved.connect(saved)
    dialog.by_hand.connect(by_hand)
    dialog.finished.connect(dialog.deleteLater)
    dialog.show()
    return dialog


def edit_account(
    profile: Profile,
    link: Link,
    theme: Theme,
    account: Account | None,
    parent: QWidget,
    saved: Callable[[Account], object],
) -> AccountDialog:
    """Open the whole form, of an account or of a new one."""
    dialog = AccountDialog(profile, link, theme, account, parent)
    dialog.saved.connect(saved)
    dialog.finished.connect(dialog.deleteLater)
    dialog.show()
    return dialog

"""Adding, editing, ordering and removing accounts: the short set-up, the form, and the page of preferences."""

from qtmail.ui.accounts.adding import add_account, edit_account
from qtmail.ui.accounts.dialog import AccountDialog
from qtmail.ui.accounts.page import AccountsPage
from qtmail.ui.accounts.set_up import SetUpDialog

__all__ = ["AccountDialog", "AccountsPage", "SetUpDialog", "add_account", "edit_account"]

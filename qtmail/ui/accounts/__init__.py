"""Adding, editing, ordering and removing accounts: the form, the dialog around it, and the page of preferences."""

from qtmail.ui.accounts.dialog import AccountDialog
from qtmail.ui.accounts.page import AccountsPage

__all__ = ["AccountDialog", "AccountsPage"]

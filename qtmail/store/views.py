"""How the user wants to see one message: remembered for it alone."""

from qtmail.model import MessageId
from qtmail.store.connection import Reader
from qtmail.store.db import Tx


def choices(reader: Reader, message: MessageId) -> dict[str, str]:
    """What was chosen for it, by what it is about ("colours", "form", "charset")."""
    return dict(reader.all("SELECT what, value FROM view_choice WHERE message = ?", message))


def choose(tx: Tx, message: MessageId, what: str, value: str) -> None:
    """Remember it; an empty value forgets."""
    if value:
        tx.run("INSERT OR REPLACE INTO view_choice (message, what, value) VALUES (?, ?, ?)", message, what, value)
    else:
        tx.run("DELETE FROM view_choice WHERE message = ? AND what = ?", message, what)

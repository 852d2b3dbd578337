"""Whether what is attached is more than the servers take, as far as they said so: told before it is sent."""

from PySide6.QtWidgets import QWidget

from qtmail.engine.mail import Mail
from qtmail.engine.server_limits import octets
from qtmail.ui.composer.attached import LARGE, Attached
from qtmail.ui.composer.header import Fields
from qtmail.ui.theme import Theme

_AS_SENT = 1.37
"""Base64 makes four letters of three octets, and lines of them."""


def attached(theme: Theme, parent: QWidget, fields: Fields, mail: Mail) -> Attached:
    """The attachments, with a word on their size that knows whose servers they go through."""

    def words(size: int) -> str:
        return too_large(mail, fields, size)

    made = Attached(theme, words, parent)
    fields.sender_changed.connect(made.tell)
    return made


def too_large(mail: Mail, fields: Fields, size: int) -> str:
    """A sentence; empty while so many octets of attachments are no trouble."""
    me = fields.chosen()
    whole = int(size * _AS_SENT)
    if me is not None:
        sends, keeps = mail.largest(me.account, me.identity)
        if sends is not None and whole > sends:
            return f"As a mail that is {octets(whole)}, and the server sends up to {octets(sends)}."
        if keeps is not None and whole > keeps:
            return f"As a mail that is {octets(whole)}: the server keeps no copy of more than {octets(keeps)}."
        if sends is not None:
            return ""
    return "Many servers refuse a mail this large." if size > LARGE else ""

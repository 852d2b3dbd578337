"""A mailto: URL as a draft (RFC 6068)."""

from qtmail.engine.mail import Mail
from qtmail.model import AccountKey, Draft


def draft_of_mailto(mail: Mail, account: AccountKey, url: str) -> Draft:
    """A new draft with what the URL asks for: recipients, subject and body; never an attachment (it could name any
    file). A URL that makes no sense gives an empty draft."""
    raise NotImplementedError

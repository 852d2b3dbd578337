"""A mailto: URL as a draft (RFC 6068)."""

from dataclasses import replace

from qtmail.engine.mail import Mail
from qtmail.mime.mailto import mailto
from qtmail.model import AccountKey, Draft


def draft_of_mailto(mail: Mail, account: AccountKey, url: str) -> Draft:
    """A new draft with what the URL asks for: recipients, subject and body. A URL that makes no sense gives an empty
    draft."""
    draft = mail.new_draft(account)
    asked = mailto(url)
    return replace(
        draft,
        to=asked.to,
        cc=asked.cc,
        bcc=asked.bcc,
        subject=asked.subject,
        text=asked.body + draft.text,
        in_reply_to=asked.in_reply_to,
    )

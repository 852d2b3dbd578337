"""A mailto: URL as a draft (RFC 6068)."""

from dataclasses import replace
from urllib.parse import unquote

from qtmail.engine.mail import Mail
from qtmail.mime.address import parse_typed
from qtmail.model import AccountKey, Address, Draft

_MOST = 100_000
"""Characters of a URL that are looked at."""


def draft_of_mailto(mail: Mail, account: AccountKey, url: str) -> Draft:
    """A new draft with what the URL asks for: recipients, subject and body; never an attachment (it could name any
    file). A URL that makes no sense gives an empty draft."""
    draft = mail.new_draft(account)
    scheme, _, rest = url[:_MOST].partition(":")
    if scheme.lower() != "mailto":
        return draft
    path, _, query = rest.partition("?")
    fields: dict[str, list[str]] = {"to": [_text(path)]}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        fields.setdefault(_text(name).lower(), []).append(_text(value))

    def people(name: str) -> tuple[Address, ...]:
        return parse_typed(", ".join(filter(None, fields.get(name, []))))[0]

    body = "\n".join(fields.get("body", [])).replace("\r\n", "\n")
    return replace(
        draft,
        to=people("to"),
        cc=people("cc"),
        bcc=people("bcc"),
        subject=" ".join(" ".join(fields.get("subject", [])).split()),
        text=body + draft.text,
        in_reply_to=_message_id(fields.get("in-reply-to", [""])[0]),
    )


def _text(part: str) -> str:
    """ "+" is itself here, unlike in web forms; controls other than line ends go."""
    return "".join(char for char in unquote(part) if char >= " " or char in "\r\n")


def _message_id(text: str) -> str:
    found = text.strip()
    return found if found.startswith("<") and found.endswith(">") and " " not in found else ""

"""What a mailing list says of itself in the header: how to leave it, write to it, find its archive (RFC 2369, 8058)."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from qtmail.mime import headers
from qtmail.mime.summary import list_id

_MOST_URL = 2_000
_MOST_SIGNATURES = 10
_ADDRESS = re.compile(r"<\s*((?:https?|mailto):[^<>\s]{1,2000})\s*>", re.IGNORECASE)
_ONE_CLICK = "list-unsubscribe=one-click"
_TAG = re.compile(r"(?:^|;)\s*([a-z]{1,4})\s*=\s*([^;]*)", re.IGNORECASE)
_COVERED = frozenset({"list-unsubscribe", "list-unsubscribe-post"})


@dataclass(frozen=True, slots=True)
class MailingList:
    """What the list offers, as mailto:, https: and http: addresses; empty where it does not."""

    name: str = ""
    """The id of the list (List-Id), without its brackets."""
    leave_web: str = ""
    leave_mail: str = ""
    one_click: bool = False
    """Leaving takes one request to `leave_web`, which is https, and a signature stands for that (RFC 8058)."""
    post: str = ""
    archive: str = ""
    help: str = ""

    @property
    def can_be_left(self) -> bool:
        return bool(self.leave_web or self.leave_mail)


def mailing_list(raw: bytes, signers: Collection[str]) -> MailingList | None:
    """What this message says of the list it came from; None for mail of no list. Never raises.

    signers: domains whose DKIM signature our own server found good.
    """
    head, _ = headers.end_of_headers(raw)
    found = headers.fields(raw[:head])
    leave = _addresses(found, "list-unsubscribe")
    web = next((url for url in leave if url.lower().startswith("https:")), "")
    web = web or next((url for url in leave if url.lower().startswith("http:")), "")
    told = MailingList(
        name=list_id(headers.first(found, "list-id")),
        leave_web=web,
        leave_mail=next((url for url in leave if url.lower().startswith("mailto:")), ""),
        one_click=web.lower().startswith("https:") and _says_one_click(found) and _stood_for(found, signers),
        post=_first(found, "list-post"),
        archive=_first(found, "list-archive"),
        help=_first(found, "list-help"),
    )
    return told if told != MailingList() else None


def _first(found: headers.Fields, name: str) -> str:
    return next(iter(_addresses(found, name)), "")


def _addresses(found: headers.Fields, name: str) -> list[str]:
    value = re.sub(r"\s+", " ", headers.text_of(b" ".join(found.get(name, ())[:3])))
    return _ADDRESS.findall(headers.clean(value[: 10 * _MOST_URL]))


def _says_one_click(found: headers.Fields) -> bool:
    # Several of either: nobody knows which one was signed.
    if len(found.get("list-unsubscribe", ())) != 1 or len(found.get("list-unsubscribe-post", ())) != 1:
        return False
    return headers.clean(headers.first(found, "list-unsubscribe-post")).lower().replace(" ", "") == _ONE_CLICK


def _stood_for(found: headers.Fields, signers: Collection[str]) -> bool:
    """Whether a signature that was found good covers both headers (RFC 8058, 4)."""
    for value in found.get("dkim-signature", ())[:_MOST_SIGNATURES]:
        told = {name.lower(): said for name, said in _TAG.findall(re.sub(r"\s+", " ", headers.text_of(value)))}
        signed = {name.strip().lower() for name in told.get("h", "").split(":")}
        domain = told.get("d", "").strip().lower()
        if signed >= _COVERED and any(
            signer == domain or signer.endswith(f".{domain}") for signer in signers if domain
        ):
            return True
    return False

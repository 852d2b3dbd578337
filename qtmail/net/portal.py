"""Networks that answer in the place of everybody until one has signed in to them (captive portals, RFC 8952)."""

from qtmail.errors import Unreachable

SIGN_IN_TO_NETWORK = "In a hotel, train or café, open any web page and sign in to the network first."
_STARTS = (b"http/", b"<html", b"<!doctype")


def web_page(first: bytes, where: str) -> Unreachable | None:
    """The error for a server that answers with a web page, by its first line; None where it is something else. It is
    tried again by itself: nothing is wrong with the account."""
    if not first.lstrip().lower().startswith(_STARTS):
        return None
    return Unreachable(f"{where} answered with a web page, not as a mail server.", hint=SIGN_IN_TO_NETWORK)

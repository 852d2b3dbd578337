"""Whether somebody put a signature under a mail, and of which kind. What it is worth is not looked at here."""

from collections.abc import Sequence

from qtmail.mime.parts import Leaf

_KINDS = {
    "application/pgp-signature": "OpenPGP",
    "application/pkcs7-signature": "S/MIME",
    "application/x-pkcs7-signature": "S/MIME",
}
_OPENLY = b"-----BEGIN PGP SIGNED MESSAGE-----"


def signed_with(raw: bytes, leaves: Sequence[Leaf]) -> str:
    """ "OpenPGP", "S/MIME", or empty: not signed."""
    for leaf in leaves[:200]:
        if leaf.type in _KINDS:
            return _KINDS[leaf.type]
        if leaf.type in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            return "S/MIME" if "signed" in leaf.parameters.get("smime-type", "").lower() else ""
        if leaf.type == "text/plain" and raw.find(_OPENLY, leaf.start, min(leaf.end, leaf.start + 2_000)) >= 0:
            return "OpenPGP"
    return ""

"""What is known of certain providers: what each does in its own way, and what this program does about it.

One table of data. A provider is known by its host before anything is sent, or by what it calls itself (ID, RFC 2971).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quirk:
    """One habit of one provider."""

    provider: str
    extension: str
    """What it is about, by its capability."""
    what: str
    """A sentence for people."""
    doing: str
    """Another one: what this program does about it."""
    hosts: tuple[str, ...] = ()
    """Domains whose hosts belong to it."""
    software: tuple[str, ...] = ()
    """What its name contains, lower case."""
    set_aside: bool = False
    """The extension is not used there at all."""


QUIRKS = (
    Quirk(
        "iCloud",
        "QRESYNC",
        "For years its lists of vanished messages were malformed, and mail seemed gone.",
        "QRESYNC is not used there: what is gone is found by comparing all there is.",
        ("mail.me.com", "icloud.com"),
        set_aside=True,
    ),
    Quirk(
        "Yandex",
        "XLIST",
        "It offers XLIST, which came before SPECIAL-USE, and does not always name the same folders by both.",
        "XLIST is never used. What a folder is for is taken from SPECIAL-USE, and from its name where that is missing.",
        ("yandex.ru", "yandex.com", "ya.ru"),
        ("yandex",),
    ),
    Quirk(
        "Outlook",
        "IDLE",
        "It offers IDLE, and now and then does not tell of new mail, or ends the connection without a word.",
        "IDLE is renewed every few minutes, and the inbox is checked at the account's interval all the same.",
        ("office365.com", "outlook.com", "hotmail.com"),
        ("microsoft.exchange", "exchange"),
    ),
    Quirk(
        "Gmail",
        "X-GM-EXT-1",
        "Its folders are labels: one message is in each folder of a label and in All Mail besides.",
        "A message is known by Gmail's own id and fetched once. Deleting for good goes by way of Trash, "
        "because anywhere else only the label would go.",
        ("gmail.com", "googlemail.com", "google.com"),
        ("gimap",),
    ),
    Quirk(
        "NetEase",
        "ID",
        "It opens no folder for a program that does not tell its name first.",
        "The name of this program (and nothing else) is told right after login.",
        ("163.com", "126.com", "yeah.net"),
    ),
)


def of_host(host: str) -> tuple[Quirk, ...]:
    """Those of the provider this host belongs to."""
    name = host.lower().rstrip(".")
    return tuple(quirk for quirk in QUIRKS if any(name == one or name.endswith(f".{one}") for one in quirk.hosts))


def of_software(names: Mapping[str, str]) -> tuple[Quirk, ...]:
    """Those of what calls itself so (the fields of ID)."""
    told = f"{names.get('name', '')} {names.get('vendor', '')}".lower()
    return tuple(quirk for quirk in QUIRKS if any(one in told for one in quirk.software))


def set_aside(quirks: Iterable[Quirk]) -> tuple[str, ...]:
    """The extensions not to be used."""
    return tuple(quirk.extension for quirk in quirks if quirk.set_aside)

"""The demo's two accounts, their folders, and the sample mail in them."""

from datetime import datetime

from qtmail.demo.imap import SPECIAL_USE, ImapServer
from qtmail.demo.process import KEY_PREFIX, Identity
from qtmail.model import AccountKey

DOMAIN = "demo.example"

IDENTITIES = (
    Identity(
        key=AccountKey(KEY_PREFIX + "alma"),
        name="Alma",
        address=f"alma@{DOMAIN}",
        display_name="Alma Berg",
        signature="Alma",
        colour="#3E63DD",
    ),
    Identity(
        key=AccountKey(KEY_PREFIX + "work"),
        name="Work",
        address=f"alma.berg@{DOMAIN}",
        display_name="Alma Berg",
        signature="Alma Berg\nExhibition design, Lumen Studio",
        colour="#218358",
    ),
)

FOLDERS = {
    IDENTITIES[0].key: ("Travel", "Travel/Japan", "Recipes", "Projects/Garden", "Newsletters", "Lists/Telescopes"),
    IDENTITIES[1].key: ("Projects/Aurora", "Projects/Website", "Invoices", "Team", "Build reports"),
}


async def fill(server: ImapServer, password: str, now: datetime) -> None:
    """Make the accounts and put every sample into its folder, dated relative to `now`."""
    for person in IDENTITIES:
        server.add_account(person.address, password, (*SPECIAL_USE, *FOLDERS[person.key]))

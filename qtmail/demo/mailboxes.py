"""The demo's two accounts, their folders, and the sample mail in them."""

from datetime import datetime

from qtmail.demo.imap import SPECIAL_USE, ImapServer
from qtmail.demo.process import KEY_PREFIX, Identity
from qtmail.demo.samples import Builder, Sample
from qtmail.demo.series import build_reports
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


_FILES = {
    IDENTITIES[0].key: ("alma-inbox.txt", "alma-folders.txt", "alma-own.txt"),
    IDENTITIES[1].key: ("work-inbox.txt", "work-folders.txt"),
}


def samples(person: Identity, now: datetime) -> list[Sample]:
    """Every message of this person, oldest first, dated relative to `now`."""
    builder = Builder(f"{person.display_name} <{person.address}>", now)
    every = [sample for name in _FILES[person.key] for sample in builder.file(name)]
    if "Build reports" in FOLDERS[person.key]:
        every += [builder.build(entry) for entry in build_reports()]
    return sorted(every, key=lambda sample: sample.when)


async def fill(server: ImapServer, password: str, now: datetime) -> None:
    """Make the accounts and put every sample into its folder."""
    for person in IDENTITIES:
        server.add_account(person.address, password, (*SPECIAL_USE, *FOLDERS[person.key]))
        for sample in samples(person, now):
            await server.put(person.address, sample.folder, sample.content, sample.when, sample.flags)

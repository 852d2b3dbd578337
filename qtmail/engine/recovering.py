"""A damaged store made anew: what is only here is saved first and put back, servers fill in the rest.

    facts whole, content damaged   every content that can be read goes into a new file; what is missing is fetched again
    facts damaged                  drafts, Outbox and mail of this computer saved as files, put into a new store

The damaged files are moved aside, never deleted.
"""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from qtmail.engine import repairing
from qtmail.engine.lock import engine_lock
from qtmail.engine.mail import Mail
from qtmail.errors import StoreDamaged
from qtmail.model import LOCAL
from qtmail.paths import Profile
from qtmail.store import drafts, folders, rescue, sealing
from qtmail.store.db import Store

RESCUED = "Rescued"
"""The folder on this computer for mail that was only in the damaged store."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came of it."""

    messages: int = 0
    drafts: int = 0
    contents: int = 0
    """Read from a damaged content file."""
    kept_in: Path | None = None
    """Where copies of what was saved are, as files; none of an encrypted store."""


def recover(profile: Profile, *, now: int) -> Recovered:
    """Make a store that opens. Raises AlreadyRunning, StoreError (no room, locked)."""
    with engine_lock(profile):
        if rescue.facts_are_whole(profile):
            contents = rescue.renew_content(profile, now=now)
            store = Store.open(profile)
            try:
                repairing.repair(store, now=now)
                return Recovered(contents=contents)
            except StoreDamaged:  # after all
                pass
            finally:
                store.close()
        return _from_files(profile, now)


def _from_files(profile: Profile, now: int) -> Recovered:
    files = profile.root / f"rescued-{now}"
    rescue.rescue(profile, files, now=now)
    store = Store.open(profile)
    try:
        kept = [draft for draft in map(rescue.read_draft, sorted(files.glob("draft-*.json"))) if draft is not None]
        for draft in kept:
            there = tuple(one for one in draft.attachments if store.content.has(one.content))
            with store.transaction("rescued draft") as tx:
                drafts.save(tx, replace(draft, id=None, attachments=there), now=now)
        with store.transaction("rescued folder") as tx:
            folder = folders.ensure_folder(tx, LOCAL, RESCUED)
    finally:
        store.close()
    mail = Mail(profile)
    try:
        letters = len(list(files.glob("*.eml")))
        if letters:
            mail.import_messages(files, folder)
    finally:
        mail.close()
    if sealing.named(profile) is None:
        return Recovered(letters, len(kept), kept_in=files)
    shutil.rmtree(files)  # nothing readable beside an encrypted store
    return Recovered(letters, len(kept))


def words(found: object) -> str:
    """A `Recovered` in sentences."""
    if not isinstance(found, Recovered):
        return ""
    saved = (
        f"{found.messages:,} messages are in “{RESCUED}” on this computer, {found.drafts:,} drafts open again."
        if found.messages or found.drafts
        else "Nothing that is only here had to be put back."
    )
    more = f" Copies are in {found.kept_in}." if found.kept_in else ""
    return f"{saved}{more} Your servers fill in the rest at the next check."

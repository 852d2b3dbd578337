"""Where a profile keeps its things. One folder holds everything, so it can be copied, moved and backed up."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Profile:
    """The files of one profile below `root`."""

    root: Path

    @property
    def facts(self) -> Path:
        """The database of messages, placements, operations and everything else that is known."""
        return self.root / "mail.db"

    @property
    def content(self) -> Path:
        """The database of raw message bytes."""
        return self.root / "content.db"

    @property
    def settings(self) -> Path:
        return self.root / "settings.toml"

    @property
    def accounts(self) -> Path:
        return self.root / "accounts.toml"

    @property
    def vault(self) -> Path:
        """Secrets behind a passphrase, where they are not in the system's keyring."""
        return self.root / "vault.json"

    @property
    def oauth(self) -> Path:
        """Providers that let programs in through their own page, and client ids: the user's own."""
        return self.root / "oauth.toml"

    @property
    def engine_lock(self) -> Path:
        """Held by the one engine of this profile."""
        return self.root / "engine.lock"

    @property
    def encryption(self) -> Path:
        """There where the databases are to be encrypted: the public name of their key."""
        return self.root / "encryption"

    @property
    def network(self) -> Path:
        """Which hosts were contacted: see net/contacts."""
        return self.root / "network.jsonl"

    @property
    def pictures(self) -> Path:
        """Pictures of mails, fetched on the user's word and kept; may be deleted at any time."""
        return self.root / "pictures"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def create(self) -> "Profile":
        """Make the folder, readable by its owner only. -> itself."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only: whoever reads it sees the old text or the new one."""
    part = path.with_name(path.name + ".part")
    part.touch(mode=0o600)
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def program(profile: Profile, *arguments: str) -> tuple[str, list[str]]:
    """What starts this program again for a profile, from within a frozen bundle too -> (executable, arguments)."""
    whole = ["--profile", str(profile.root), *arguments]
    return sys.executable, whole if getattr(sys, "frozen", False) else ["-m", "qtmail", *whole]


def default_profile() -> Profile:
    """The profile used without --profile, where this system keeps a program's data."""
    import platformdirs  # 25 ms, and whoever names a profile does not need it

    return Profile(Path(platformdirs.user_data_dir("qtmail", appauthor=False)))


def resources() -> Path:
    """Icons, styles, templates: inside the package when installed, beside it in a checkout or editable install."""
    package = Path(__file__).resolve().parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"

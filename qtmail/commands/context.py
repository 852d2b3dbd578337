"""What every command works with: the profile, its mail, and somewhere to write."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from qtmail.commands.output import Output
from qtmail.paths import Profile

if TYPE_CHECKING:
    from qtmail.engine.acting import Acting
    from qtmail.engine.facade import Facade
    from qtmail.engine.mail import Mail
    from qtmail.engine.reading import Reading
    from qtmail.model import AccountKey, Folder

Part = TypeVar("Part", bound="Facade")


@dataclass
class Context:
    """One run of one command. The facade is opened when first needed, and no more of it is loaded than is asked for."""

    profile: Profile
    out: Output = field(default_factory=Output)
    _opened: "Facade | None" = None

    @property
    def reading(self) -> "Reading":
        """Enough for what only looks. Raises StoreError."""
        from qtmail.engine.reading import Reading

        return self._open(Reading)

    @property
    def acting(self) -> "Acting":
        """Enough to flag, move, delete and undo."""
        from qtmail.engine.acting import Acting

        return self._open(Acting)

    @property
    def mail(self) -> "Mail":
        """The whole facade."""
        from qtmail.engine.mail import Mail

        return self._open(Mail)

    @cached_property
    def account_names(self) -> "dict[AccountKey, str]":
        return {account.key: account.name for account in self.reading.accounts()}

    def folder_name(self, folder: "Folder") -> str:
        """ "ACCOUNT/path", as every command prints and takes it."""
        return f"{self.account_names.get(folder.account, 'Local')}/{folder.path}"

    def close(self) -> None:
        """Close what was opened."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _say_when_old(self) -> None:
        from qtmail.errors import StoreError
        from qtmail.store.connection import is_old

        try:
            if is_old(self.profile.facts, "facts") or is_old(self.profile.content, "content"):
                self.out.say("The mail store is being brought up to date for this version of qtmail ...")
        except StoreError:
            return  # opening it tells

    def _open(self, part: type[Part]) -> Part:
        if isinstance(self._opened, part):
            return self._opened
        self.close()
        self._say_when_old()
        opened = part(self.profile.create())
        self._opened = opened
        return opened

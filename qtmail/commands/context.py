"""What every command works with: the profile, its mail, and somewhere to write."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from qtmail.commands.output import Output
from qtmail.paths import Profile

if TYPE_CHECKING:
    from qtmail.engine.mail import Mail
    from qtmail.model import AccountKey, Folder


@dataclass
class Context:
    """One run of one command."""

    profile: Profile
    out: Output = field(default_factory=Output)

    @cached_property
    def mail(self) -> "Mail":
        """The facade, opened when first needed. Raises StoreError."""
        from qtmail.engine.mail import Mail

        return Mail(self.profile.create())

    @cached_property
    def account_names(self) -> "dict[AccountKey, str]":
        return {account.key: account.name for account in self.mail.accounts()}

    def folder_name(self, folder: "Folder") -> str:
        """ "ACCOUNT/path", as every command prints and takes it."""
        return f"{self.account_names.get(folder.account, 'Local')}/{folder.path}"

    def close(self) -> None:
        """Close what was opened."""
        if "mail" in self.__dict__:
            self.mail.close()

"""The program's log: files in the profile, readable by the owner only, without a password in them."""

from qtmail.paths import Profile


def configure(profile: Profile, verbose: bool = False, *, name: str = "qtmail") -> None:
    """Log to `profile.logs/NAME.log` (rotating, 0600); WARNING and up to stderr too (`verbose`: INFO).

    `name`: one file a process ("qtmail" the window and commands, "engine"). Calling it again replaces the handlers.
    """
    raise NotImplementedError


def redact(secret: str) -> None:
    """From now on this string is blotted out of every record, wherever it turns up."""
    raise NotImplementedError

"""Expected failures: what went wrong with the world, whether trying again helps, and what to do about it.

A bug is never a MailError: it stays an ordinary exception and is logged with its traceback.
"""


class MailError(Exception):
    """A failure the user may meet. `str()` is one plain sentence.

    retry: the same thing may work later without anyone changing anything.
    hint: what the user can do, a sentence; may be empty.
    server_words: the server's own reply, verbatim, for those who can read it; may be empty.
    """

    retry = False
    hint = ""

    def __init__(
        self, message: str, *, retry: bool | None = None, hint: str | None = None, server_words: str = ""
    ) -> None:
        super().__init__(message)
        if retry is not None:
            self.retry = retry
        if hint is not None:
            self.hint = hint
        self.server_words = server_words

    def sentence(self) -> str:
        """The whole story for one line: what happened, the server's words, what to do."""
        words = f' The server said: "{self.server_words}".' if self.server_words else ""
        return f"{self}{words}{' ' + self.hint if self.hint else ''}"


class Unreachable(MailError):
    """No connection: name unknown, refused, timed out, dropped."""

    retry = True


class ServerClosed(Unreachable):
    """The connection ended in the middle of something."""


class TlsFailed(MailError):
    """The protected connection could not be made (untrusted certificate, not a TLS port, STARTTLS missing)."""


class CertificateRefused(TlsFailed):
    """The server's certificate is not trusted, not for it, out of date, or not the one the user accepted."""


class LoginFailed(MailError):
    """The server knows us and says no: wrong user name or password."""


class TemporarilyRefused(MailError):
    """Busy, in use, over a limit, try later (RFC 5530 UNAVAILABLE, IN-USE, LIMIT; POP3 IN-USE; SMTP 4xx)."""

    retry = True


class MailboxFull(TemporarilyRefused):
    """Over quota (RFC 9208 OVERQUOTA): it works again once somebody made room."""


class Refused(MailError):
    """The server will not do this, and will not later either (NO, -ERR, 5xx)."""


class FolderGone(Refused):
    """The folder is not on the server, or not any more (RFC 5530 NONEXISTENT, TRYCREATE)."""

    hint = "It was deleted or renamed there, perhaps by another program. The list of folders shows what there is now."


class Uncertain(MailError):
    """The connection was lost after a message was handed over and before the answer: it may have been sent or not.

    Never tried again by itself: look for the Message-ID in Sent first, then ask.
    """


class ProtocolError(MailError):
    """What the server sent makes no sense, or goes past a limit; the connection is given up."""

    retry = True


class NoSecret(MailError):
    """No password is stored for this account."""


class SecretsLocked(NoSecret):
    """The keyring has it perhaps, but is locked and was not unlocked."""

    retry = True


class SignInNeeded(NoSecret):
    """The provider does not know us any more (token revoked, expired, never given): somebody has to sign in there."""


class StoreError(MailError):
    """The local store cannot do it: disk full, locked for too long, damaged, or from a newer program."""


class StoreBusy(StoreError):
    """Another program, or another thread, was writing for longer than this thread could wait. Nothing happened."""

    retry = True

    def __init__(self) -> None:
        super().__init__("The mail store is being used by another program.", hint="Try again in a moment.")


class StoreDamaged(StoreError):
    """A database cannot be read, or not all of it."""

    hint = "Close qtmail, copy its profile folder, then run “qtmail verify --rescue DIR”."


class StoreLocked(StoreError):
    """The store is encrypted, and its key is not in the keyring (`why`: what the keyring said)."""

    def __init__(self, why: str = "") -> None:
        what = "The mail store is encrypted, and its key is not in the keyring."
        super().__init__(
            f"The mail store is encrypted. {why}" if why else what,
            hint="Or enter the recovery key you printed (qtmail unlock --recovery-key-stdin)."
            if why
            else "Enter the recovery key you printed (qtmail unlock --recovery-key-stdin).",
        )


class AlreadyRunning(MailError):
    """Another engine has this profile."""

    retry = True


class BadInput(MailError):
    """What the user gave is not right: an account file, an address, an id that does not exist, a query."""


class Cancelled(MailError):
    """The user stopped it; what it says tells what that means for what was done."""

"""From what the keyring holds to what a server is given: a password as it is, of a sign-in its access token, renewed
when it is due or was refused.

    stored secret --password--> as it is
         | tokens
    fresh and not refused? --yes--> the access token
         | no
    the provider's token endpoint --> new tokens, stored first --> the access token
         | "invalid_grant"
    SignInNeeded: the account waits, everything stored stays usable
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from qtmail import log, secrets
from qtmail.engine.context import Passwords
from qtmail.errors import BadInput, LoginFailed, SignInNeeded, TemporarilyRefused
from qtmail.model import CERTIFICATE_AUTH, TOKEN_AUTH, AccountKey, Server
from qtmail.net.oauth.tokens import Tokens
from qtmail.paths import Profile, resources
from qtmail.secrets import Service

if TYPE_CHECKING:
    from qtmail.net.discover.values import Offer
    from qtmail.net.oauth.providers import Provider

S = TypeVar("S")

REFUSED_S = 600.0
"""So long a token that was just renewed because it was refused is not renewed for that again."""
_LOCK_S = 60
"""So long another process may take to renew the same tokens: the provider answers within a quarter of that."""


class Keys:
    """The secrets of one profile. Thread-safe; a call may ask the keyring and the provider."""

    def __init__(
        self,
        profile: Profile,
        stored: Callable[[AccountKey, Service], tuple[Service, str]] = secrets.find,
        store: Callable[[AccountKey, Service, str], None] = secrets.put,
    ) -> None:
        self._profile = profile
        self._stored = stored
        self._store = store
        self._unlocked: dict[tuple[AccountKey, Service], str] = {}
        self._locks: dict[AccountKey, threading.Lock] = {}
        self._guard = threading.Lock()
        self._renewed_at: dict[AccountKey, float] = {}

    @classmethod
    def over(cls, profile: Profile, passwords: Passwords | None) -> "Keys":
        """With other secrets than the keyring's, which are only read; None: with the keyring's."""
        if passwords is None:
            return cls(profile)
        return cls(profile, lambda account, service: (service, passwords(account, service)))

    def unlock(self, account: AccountKey, service: Service, secret: str) -> None:
        """Use this one for this session, without the keyring."""
        self._unlocked[account, service] = secret

    def __call__(self, account: AccountKey, service: Service, *, refused: str = "") -> str:
        """What the server is given. `refused`: the access token that it did not take.

        Raises NoSecret, SecretsLocked, SignInNeeded (somebody has to sign in), Unreachable and TemporarilyRefused (the
        provider does not answer now), BadInput (oauth.toml is wrong), Refused.
        """
        _, secret = self._find(account, service)
        tokens = _read(secret)
        if tokens is None:
            return secret
        if tokens.fresh() and tokens.access != refused:
            return tokens.access
        with self._alone(account):
            return self._renewed(account, service, refused)

    def _renewed(self, account: AccountKey, service: Service, refused: str) -> str:
        """With the lock held: somebody may have renewed them meanwhile."""
        place, secret = self._find(account, service)
        tokens = _read(secret)
        if tokens is None:
            return secret
        if not tokens.fresh() or (tokens.access == refused and self._may_renew(account)):
            from qtmail.net.oauth.requests import refresh  # once an hour, for some accounts

            tokens = refresh(provider_named(self._profile, tokens.provider).usable(), tokens)
            log.redact(tokens.access)
            log.redact(tokens.refresh)
            self._keep(account, place, tokens)  # before it is used: the old refresh token may be worth nothing now
        return tokens.access

    def _may_renew(self, account: AccountKey) -> bool:
        """Not again and again because of a server that takes none."""
        now = time.monotonic()
        if now - self._renewed_at.get(account, -REFUSED_S) < REFUSED_S:
            return False
        self._renewed_at[account] = now
        return True

    def opened(self, secret: str) -> str:
        """Of a secret that was typed or just signed in for, and is stored nowhere yet."""
        tokens = _read(secret)
        return tokens.access if tokens else secret

    def _find(self, account: AccountKey, service: Service) -> tuple[Service, str]:
        for asked in dict.fromkeys((service, Service.INCOMING)):
            if (account, asked) in self._unlocked:
                return asked, self._unlocked[account, asked]
        return self._stored(account, service)

    def _keep(self, account: AccountKey, place: Service, tokens: Tokens) -> None:
        if (account, place) in self._unlocked:
            self._unlocked[account, place] = tokens.secret()
        else:
            self._store(account, place, tokens.secret())

    def _alone(self, account: AccountKey) -> "_Alone":
        with self._guard:
            lock = self._locks.setdefault(account, threading.Lock())
        return _Alone(lock, self._profile.root / f"tokens-{account}.lock")


class _Alone:
    """One thread of one process at a time: a provider that changes refresh tokens takes the second use of one for
    theft, and ends the sign-in."""

    def __init__(self, lock: threading.Lock, path: Path) -> None:
        from filelock import FileLock  # 50 ms, and only tokens need it

        self._lock, self._file = lock, FileLock(path, timeout=_LOCK_S)

    def __enter__(self) -> None:
        self._lock.acquire()
        try:
            self._file.acquire()
        except BaseException:
            self._lock.release()
            raise

    def __exit__(self, *_: object) -> None:
        self._file.release()
        self._lock.release()


def _read(secret: str) -> Tokens | None:
    tokens = Tokens.read(secret)
    if tokens:
        log.redact(tokens.access)
        log.redact(tokens.refresh)
    return tokens


def providers(profile: Profile) -> "tuple[Provider, ...]":
    """Those of the user's file, of the distributor's, and ours. Raises BadInput for a file that is wrong."""
    from qtmail.net.oauth.providers import providers as known

    return known((resources() / "oauth.toml", profile.oauth))


def provider_named(profile: Profile, name: str) -> "Provider":
    """The one a sign-in was made at. Raises BadInput."""
    for one in providers(profile):
        if one.name.casefold() == name.casefold():
            return one
    raise BadInput(f"There is no sign-in at “{name}” any more.", hint="It was in oauth.toml.")


def provider_of(profile: Profile, server: Server) -> "Provider":
    """Where one signs in for this server. Raises BadInput where nobody is known, or no client id."""
    from qtmail.net.oauth.providers import of_host

    found = of_host(providers(profile), server.host)
    if found is None:
        raise BadInput(
            f"It is not known where one signs in for {server.host}.", hint="Use a password, or name it in oauth.toml."
        )
    return found.usable()


def as_server(profile: Profile, offer: "Offer") -> Server:
    """A server that was found, with the sign-in at its provider's page where that can be had here."""
    server = Server(offer.host, offer.port, offer.security, offer.username)
    if not offer.oauth:
        return server
    try:
        provider_of(profile, server)
    except BadInput:
        return server
    return replace(server, auth=TOKEN_AUTH)


def let_in(server: Server, secret: Callable[..., str], connect: Callable[[str], S]) -> S:
    """Connect with the secret of this server; a token that is refused is renewed once. Raises what both do, and
    SignInNeeded for a token that is refused again.

    secret: gives it; takes `refused` where the server wants tokens.
    """
    if server.auth != TOKEN_AUTH:
        return connect("" if server.auth == CERTIFICATE_AUTH else secret())
    token = secret()
    try:
        return connect(token)
    except (LoginFailed, TemporarilyRefused) as error:  # servers that ask the provider call a stale token a fault
        again = secret(refused=token)
        if again == token:
            if isinstance(error, LoginFailed):
                raise _not_taken(server, error) from error
            raise
    try:
        return connect(again)
    except LoginFailed as error:
        raise _not_taken(server, error) from error


def _not_taken(server: Server, error: LoginFailed) -> SignInNeeded:
    return SignInNeeded(
        f"{server.host} does not take the sign-in.",
        hint="Sign in again, with the account of this address.",
        server_words=error.server_words,
    )

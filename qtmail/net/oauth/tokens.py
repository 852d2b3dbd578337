"""What a sign-in gives: kept as one secret in the keyring, and told from a password by its first characters."""

import time
from dataclasses import asdict, dataclass, field

import msgspec

_MARK = "qtmail-oauth2:"
EARLY_S = 300
"""So long before its end an access token is renewed."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Of one account. `access` opens the servers until `expires` (seconds since 1970, by this computer's clock);
    `refresh` gets the next one, at `provider`."""

    provider: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires: int

    def fresh(self, now: float | None = None) -> bool:
        """Whether the access token may be used. Where the clock was put back, it is renewed rather than trusted."""
        left = self.expires - (time.time() if now is None else now)
        return bool(self.access) and EARLY_S < left < 30 * 86400

    def secret(self) -> str:
        """As it stands in the keyring."""
        return _MARK + msgspec.json.encode(asdict(self)).decode()

    @classmethod
    def read(cls, secret: str) -> "Tokens | None":
        """What `secret` made; None for a password."""
        if not secret.startswith(_MARK):
            return None
        try:
            return msgspec.json.decode(secret.removeprefix(_MARK), type=cls)
        except msgspec.DecodeError:
            return None

"""Who lets mail programs in through its own page: built in, from a file of the distributor, and from one of the user.

[[provider]]
name = "Google"                    # one of ours: only what is different has to be said
client_id = "..."
client_secret = "..."

[[provider]]
name = "Example"
hosts = ["example.org"]            # its servers, and all below these names
authorization_endpoint = "https://login.example.org/authorize"
token_endpoint = "https://login.example.org/token"
scopes = ["mail"]
client_id = "..."
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from qtmail.errors import BadInput

REGISTER = "The README tells how to register one (“Signing in with Google, Microsoft and others”)."


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An authorization server, and the mail servers that take its tokens."""

    name: str
    hosts: tuple[str, ...] = ()
    """Ends of the names of mail servers."""
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    device_authorization_endpoint: str = ""
    """RFC 8628; empty: it has none, or none that gives access to mail."""
    issuer: str = ""
    """What it must call itself in its answer, if it does (RFC 9207); empty: not checked."""
    names_itself: bool = False
    """Its answer without `iss` is not its answer (authorization_response_iss_parameter_supported)."""
    scopes: tuple[str, ...] = ()
    client_id: str = ""
    client_secret: str = ""
    basic: bool = False
    """The secret goes in the Authorization header and not in the form (RFC 6749, 2.3.1)."""
    redirect_host: str = "127.0.0.1"
    """As it was registered: some providers take any port of "localhost" only."""
    extra: dict[str, str] = {}
    """More parameters of the authorization request."""
    ca_file: str = ""
    """An extra trust root for its servers (PEM)."""

    def usable(self) -> "Provider":
        """Itself, or BadInput with what it lacks."""
        if not self.client_id:
            raise BadInput(
                f"This copy of qtmail has no client id for {self.name}, so it cannot ask to be let in.", hint=REGISTER
            )
        for what in (self.authorization_endpoint, self.token_endpoint):
            if not what.startswith("https://"):
                raise BadInput(f"The sign-in of {self.name} has no https address.", hint="Correct oauth.toml.")
        return self


_BUILT_IN = (
    Provider(
        "Google",
        ("gmail.com", "googlemail.com"),
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        issuer="https://accounts.google.com",
        scopes=("https://mail.google.com/",),
        extra={"access_type": "offline", "prompt": "consent"},
    ),
    Provider(
        "Microsoft",
        ("outlook.office365.com", "smtp.office365.com", "outlook.com", "hotmail.com"),
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "https://login.microsoftonline.com/common/oauth2/v2.0/devicecode",
        scopes=(
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/POP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
            "offline_access",
        ),
        redirect_host="localhost",
    ),
    Provider(
        "Yahoo",
        ("mail.yahoo.com", "mail.yahoo.co.uk", "imap.aol.com", "smtp.aol.com", "pop.aol.com"),
        "https://api.login.yahoo.com/oauth2/request_auth",
        "https://api.login.yahoo.com/oauth2/get_token",
        issuer="https://api.login.yahoo.com",
        scopes=("mail-w",),
    ),
    Provider(
        "Fastmail",
        ("fastmail.com", "messagingengine.com"),
        "https://api.fastmail.com/oauth/authorize",
        "https://api.fastmail.com/oauth/refresh",
        issuer="https://api.fastmail.com",
        names_itself=True,
        scopes=(
            "https://www.fastmail.com/dev/protocol-imap",
            "https://www.fastmail.com/dev/protocol-pop",
            "https://www.fastmail.com/dev/protocol-smtp",
            "offline_access",
        ),
    ),
)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    provider: list[dict[str, object]] = []


def providers(files: Iterable[Path]) -> tuple[Provider, ...]:
    """Those of the files, the later ones first, then ours. Raises BadInput saying which file is wrong, and where."""
    known = {one.name.casefold(): one for one in _BUILT_IN}
    for path in files:
        for raw in _read(path):
            name = str(raw.get("name", ""))
            old = known.pop(name.casefold(), Provider(name))
            known = {name.casefold(): _joined(old, raw, path), **known}
    return tuple(known.values())


def _read(path: Path) -> list[dict[str, object]]:
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File).provider
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadInput(f"{path} cannot be used: {error}.", hint="Mend it by hand, or move it away.") from error


def _joined(old: Provider, raw: dict[str, object], path: Path) -> Provider:
    try:
        found = msgspec.convert(msgspec.structs.asdict(old) | raw, Provider)
    except msgspec.ValidationError as error:
        raise BadInput(f"{path} cannot be used: {error}.", hint="Mend it by hand, or move it away.") from error
    if found.ca_file:
        found = msgspec.structs.replace(found, ca_file=str(path.parent / found.ca_file))
    return found


def of_host(every: Iterable[Provider], host: str) -> Provider | None:
    """Whose tokens this mail server takes."""
    name = host.lower().rstrip(".")
    for one in every:
        if any(name == end or name.endswith(f".{end}") for end in map(str.lower, one.hosts)):
            return one
    return None

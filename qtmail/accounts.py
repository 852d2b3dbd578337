"""The accounts of a profile: read from and written to accounts.toml, in the user's order; never a secret in it.

An account file given to `qtmail account add` has the same keys; `parse` says exactly what is wrong with one.
"""

import ipaddress
import re
import tomllib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from os import urandom
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import tomli_w

from qtmail.errors import BadInput
from qtmail.model import (
    CERTIFICATE_AUTH,
    LOCAL_INBOX,
    Account,
    AccountKey,
    Identity,
    Keep,
    PopPolicy,
    Protocol,
    Security,
    Server,
)
from qtmail.paths import write_whole

STANDARD_PORTS: dict[tuple[str, Security], int] = {
    ("imap", Security.TLS): 993,
    ("imap", Security.STARTTLS): 143,
    ("imap", Security.NONE): 143,
    ("pop3", Security.TLS): 995,
    ("pop3", Security.STARTTLS): 110,
    ("pop3", Security.NONE): 110,
    ("smtp", Security.TLS): 465,
    ("smtp", Security.STARTTLS): 587,
    ("smtp", Security.NONE): 25,
}
"""RFC 8314 and IANA: (service, security) -> port."""

MOST_CONNECTIONS = 10
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class _Service(msgspec.Struct, forbid_unknown_fields=True):
    host: str
    security: Security = Security.TLS
    port: int = 0
    username: str = ""
    auth: Literal["password", "oauth2", "certificate", "none"] = "password"
    ca_file: str = ""
    clear_text_allowed: bool = False
    certificate: str = ""
    client_certificate: str = ""
    proxy: str = ""


class _Incoming(_Service, forbid_unknown_fields=True, kw_only=True):
    protocol: Protocol
    keep_on_server: bool = True
    delete_after_days: int | None = None
    delete_when_deleted: bool = False
    keep_newest: int | None = None
    keep_newest_mb: int | None = None
    deliver_to: str = ""
    keep: Literal["everything", "headers"] | int = "everything"
    largest_mb: int = 0
    connections: int = 3


class _Identity(msgspec.Struct, forbid_unknown_fields=True):
    address: str
    key: str = ""
    display_name: str = ""
    reply_to: str = ""
    signature: str = ""
    sent_folder: str = ""
    also_for: list[str] = []
    outgoing: _Service | None = None


class _AccountFile(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    address: str
    incoming: _Incoming
    outgoing: _Service | None = None
    display_name: str = ""
    key: str = ""
    enabled: bool = True
    signature: str = ""
    check_minutes: int = 5
    check_at_start: bool = True
    colour: str = ""
    reply_to: str = ""
    sent_folder: str = ""
    also_for: list[str] = []
    identity: list[_Identity] = []


class _Removed(msgspec.Struct, frozen=True):
    """What is remembered of an account that was removed: added again, it finds its mail by its old key."""

    key: str
    address: str
    protocol: Protocol
    host: str


class _AccountsFile(msgspec.Struct):
    account: list[_AccountFile] = []
    removed: list[_Removed] = []


def parse(text: str, *, base: Path | None = None) -> Account:
    """One account from TOML. Relative ca_file paths are taken from `base`. Raises BadInput saying which key and why."""
    try:
        raw = msgspec.convert(tomllib.loads(text), _AccountFile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadInput(f"The account file is not right: {error}.", hint="See the README, “Account files”.") from error
    return _account(raw, base)


def is_loopback(host: str) -> bool:
    """True where nothing leaves this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def check_proxy(url: str) -> str:
    """The URL, or BadInput saying what is wrong with it."""
    try:
        parts = urlsplit(url)
        right = parts.scheme in ("socks5", "socks5h", "socks4", "http") and bool(parts.hostname) and bool(parts.port)
    except ValueError:
        right = False
    if not right:
        raise BadInput(f"“{url}” is not a proxy.", hint="It looks like socks5://127.0.0.1:1080 or http://proxy:3128.")
    if parts.password:
        raise BadInput(
            "A proxy's password cannot stand in a file.", hint="Use a proxy that lets this computer in without one."
        )
    return url.replace("socks5h:", "socks5:")


def check(account: Account) -> Account:
    """The same account, or BadInput with the first thing that cannot work."""
    if not account.name.strip() or "/" in account.name or account.name != account.name.strip():
        raise BadInput("An account needs a name, without “/” and without spaces around it.")
    for one in account.identities:
        check_identity(one)
    if len({one.key for one in account.identities}) <= len(account.more_identities):
        raise BadInput("Two identities have the same key.", hint="Give each a key of its own.")
    for server in (account.incoming, account.outgoing, *(one.outgoing for one in account.more_identities)):
        if server is None:
            continue
        if not server.host or any(c.isspace() or c in "/@" for c in server.host):
            raise BadInput(f"“{server.host}” is not the name of a server.", hint="It looks like imap.example.org.")
        if not 0 < server.port < 65536:
            raise BadInput(f"{server.port} is not a port.", hint="A port is a number from 1 to 65535.")
        _check_files(server)
        if server.certificate and not _FINGERPRINT.fullmatch(server.certificate):
            raise BadInput(
                "certificate is a SHA-256 fingerprint.", hint="64 hexadecimal digits: account test shows it."
            )
        if server.proxy not in ("", "system"):
            check_proxy(server.proxy)
        if server.auth == CERTIFICATE_AUTH and not server.client_certificate:
            raise BadInput("To sign in with a certificate, name its file.", hint="client_certificate is a PEM file.")
    for name in ("delete_after_days", "keep_newest", "keep_newest_mb"):
        if (getattr(account.pop, name) or 0) < 0:
            raise BadInput(f"{name} cannot be below 0.")
    if not 0 <= account.largest_mb <= 100_000:
        raise BadInput("largest_mb is a number of megabytes; 0 is no limit.")
    if not 1 <= account.connections <= MOST_CONNECTIONS:
        raise BadInput(f"connections is a number from 1 to {MOST_CONNECTIONS}.")
    return account


def _check_files(server: Server) -> None:
    for name, words in (("ca_file", "a PEM file of a trust root"), ("client_certificate", "your own, with its key")):
        file = getattr(server, name)
        if file and not Path(file).is_file():
            raise BadInput(f"The file {file} is not there.", hint=f"{name} names {words}.")


def check_identity(one: Identity) -> None:
    """Raises BadInput with the first thing that cannot work."""
    for address in filter(None, (one.address or "(none)", one.reply_to)):
        _check_address(address)
    if any("@" not in pattern or any(c.isspace() for c in pattern) for pattern in one.patterns):
        raise BadInput(
            "Only addresses can be answered for, with * for any part of one.", hint="Write such as *@example.org."
        )
    if one.outgoing is not None and not one.outgoing.host:
        raise BadInput("The server for sending has no name.", hint="It looks like smtp.example.org.")


def _check_address(address: str) -> None:
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or any(c.isspace() or ord(c) < 32 for c in address):
        raise BadInput(f"“{address}” is not an e-mail address.", hint="It looks like name@example.org.")


def load(path: Path) -> tuple[Account, ...]:
    """All accounts in the user's order. Raises BadInput if the file is damaged (it is never overwritten then)."""
    return tuple(_account(entry, None) for entry in _read(path).account)


def as_file(account: Account) -> str:
    """The account as an account file that `parse` reads back; never a secret in it, nor the key of this profile."""
    return tomli_w.dumps({name: value for name, value in _table(account).items() if name != "key"})


def named(path: Path, name: str) -> Account:
    """The account of this name (case counts only if needed). Raises BadInput."""
    every = load(path)
    for same in (str.__eq__, lambda a, b: a.casefold() == b.casefold()):
        for account in every:
            if same(account.name, name):
                return account
    known = ", ".join(account.name for account in every) or "none yet"
    raise BadInput(f"There is no account “{name}”.", hint=f"Accounts: {known}.")


def prepare(path: Path, account: Account) -> Account:
    """The account as `put` would write it, with its key: nothing is written yet. Raises BadInput as `put` does."""
    account = check(account)
    every = load(path)
    if not account.key:
        account = replace(account, key=_old_key(path, account) or AccountKey(urandom(4).hex()))
    if any(a.name.casefold() == account.name.casefold() and a.key != account.key for a in every):
        raise BadInput(f"There is already an account “{account.name}”.", hint="Choose another name.")
    return replace(account, pop=replace(account.pop, deliver_to=_inbox_of(account, every)))


def _inbox_of(account: Account, every: Sequence[Account]) -> str:
    """`deliver_to` as a key, where it was given as a name. Raises BadInput for what cannot be delivered to."""
    to = account.pop.deliver_to
    if account.protocol is not Protocol.POP3 or to in ("", account.key, account.name):
        return ""
    if to.casefold() == LOCAL_INBOX:
        return LOCAL_INBOX
    for other in every:
        if to in (other.key, other.name) and other.protocol is Protocol.POP3:
            return other.key
    raise BadInput(
        f"Mail cannot be delivered to “{to}”.", hint="deliver_to is the name of another POP3 account, or “local”."
    )


def put(path: Path, account: Account) -> Account:
    """Add the account, or replace the one with its key. A second one of the same name is refused."""
    with _locked(path):
        account = prepare(path, account)
        every = list(load(path))
        places = [i for i, a in enumerate(every) if a.key == account.key]
        if places:
            every[places[0]] = account
        else:
            every.append(account)
        _save(path, every)
    return account


def remove(path: Path, key: AccountKey) -> None:
    """Forget the account of this key; nothing happens if there is none. Its mail stays in the store."""
    with _locked(path):
        every = load(path)
        gone = [_Removed(a.key, a.address, a.protocol, a.incoming.host) for a in every if a.key == key]
        left = [account for account in every if account.key != key]
        _save(path, [_without_inbox(account, key) for account in left], gone)


def _without_inbox(account: Account, key: AccountKey) -> Account:
    """What it delivered to that account's inbox comes to its own again."""
    return replace(account, pop=replace(account.pop, deliver_to="")) if account.pop.deliver_to == key else account


def reorder(path: Path, keys: tuple[AccountKey, ...]) -> None:
    """Put the accounts in this order; those not named keep theirs, at the end."""
    place = {key: i for i, key in enumerate(keys)}
    with _locked(path):
        _save(path, sorted(load(path), key=lambda account: place.get(account.key, len(place))))


def _locked(path: Path) -> AbstractContextManager[object]:
    """One writer at a time."""
    from filelock import FileLock  # 50 ms, and only who writes needs it

    return FileLock(f"{path}.lock")


def _read(path: Path) -> _AccountsFile:
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), _AccountsFile)
    except FileNotFoundError:
        return _AccountsFile()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadInput(f"{path} cannot be read: {error}.", hint="Mend it by hand, or move it away.") from error


def _old_key(path: Path, account: Account) -> AccountKey | None:
    """The key this account had before it was removed."""
    for old in _read(path).removed:
        if (old.address, old.protocol, old.host) == (account.address, account.protocol, account.incoming.host):
            return AccountKey(old.key)
    return None


def _save(path: Path, every: list[Account], gone: Sequence[_Removed] = ()) -> None:
    here = {account.key for account in every}
    removed = [old for old in (*_read(path).removed, *gone) if old.key not in here]
    table: dict[str, Any] = {"account": [_table(account) for account in every]}
    if removed:
        table["removed"] = msgspec.to_builtins(removed)
    write_whole(path, tomli_w.dumps(table))


def _server(raw: _Service, service: str, base: Path | None) -> Server:
    def whole(name: str) -> str:
        return str(((base or Path()) / name).resolve()) if name else ""

    return Server(
        host=raw.host,
        port=raw.port or STANDARD_PORTS[service, raw.security],
        security=raw.security,
        username=raw.username,
        auth=raw.auth,
        ca_file=whole(raw.ca_file),
        clear_text_allowed=raw.clear_text_allowed,
        certificate=raw.certificate.lower().removeprefix("sha256:").replace(":", ""),
        client_certificate=whole(raw.client_certificate),
        proxy=raw.proxy,
    )


def _account(raw: _AccountFile, base: Path | None) -> Account:
    incoming = raw.incoming
    return check(
        Account(
            key=AccountKey(raw.key),
            name=raw.name,
            address=raw.address,
            display_name=raw.display_name,
            protocol=incoming.protocol,
            incoming=_server(incoming, incoming.protocol.value, base),
            outgoing=_server(raw.outgoing, "smtp", base) if raw.outgoing else None,
            pop=PopPolicy(**{field: getattr(incoming, field) for field in PopPolicy.__dataclass_fields__}),
            enabled=raw.enabled,
            signature=raw.signature,
            check_minutes=raw.check_minutes,
            check_at_start=raw.check_at_start,
            colour=raw.colour,
            reply_to=raw.reply_to,
            sent_folder=raw.sent_folder,
            patterns=tuple(raw.also_for),
            more_identities=tuple(_identity(one, base) for one in raw.identity),
            keep=_keep(incoming.keep),
            largest_mb=incoming.largest_mb,
            connections=incoming.connections,
        )
    )


def _keep(word: str | int) -> Keep:
    try:
        return Keep.of(word)
    except ValueError as error:
        raise BadInput(f"keep is “everything”, “headers” or a number of days: {error}.") from error


def _table(account: Account) -> dict[str, Any]:
    """What accounts.toml holds of an account: everything but what equals its default."""
    incoming = _service_table(account.incoming) | {"protocol": account.protocol.value}
    if account.protocol is Protocol.POP3:
        incoming |= {name: value for name, value in asdict(account.pop).items() if value is not None}
    else:
        incoming["keep"] = account.keep.days or str(account.keep)
        incoming["connections"] = account.connections
    incoming["largest_mb"] = account.largest_mb
    table: dict[str, Any] = {
        "key": account.key,
        "name": account.name,
        "address": account.address,
        "display_name": account.display_name,
        "enabled": account.enabled,
        "signature": account.signature,
        "check_minutes": account.check_minutes,
        "check_at_start": account.check_at_start,
        "colour": account.colour,
        "reply_to": account.reply_to,
        "sent_folder": account.sent_folder,
        "also_for": list(account.patterns),
        "incoming": incoming,
    }
    if account.outgoing:
        table["outgoing"] = _service_table(account.outgoing)
    if account.more_identities:
        table["identity"] = [_identity_table(one) for one in account.more_identities]
    return table


def _identity(raw: _Identity, base: Path | None) -> Identity:
    return Identity(
        key=raw.key or raw.address,
        name=raw.display_name,
        address=raw.address,
        reply_to=raw.reply_to,
        signature=raw.signature,
        outgoing=_server(raw.outgoing, "smtp", base) if raw.outgoing else None,
        sent_folder=raw.sent_folder,
        patterns=tuple(raw.also_for),
    )


def _identity_table(one: Identity) -> dict[str, Any]:
    table: dict[str, Any] = {
        "key": one.key,
        "address": one.address,
        "display_name": one.name,
        "reply_to": one.reply_to,
        "signature": one.signature,
        "sent_folder": one.sent_folder,
        "also_for": list(one.patterns),
    }
    if one.outgoing:
        table["outgoing"] = _service_table(one.outgoing)
    return table


def _service_table(server: Server) -> dict[str, Any]:
    return {
        "host": server.host,
        "port": server.port,
        "security": server.security.value,
        "username": server.username,
        "auth": server.auth,
        "ca_file": server.ca_file,
        "clear_text_allowed": server.clear_text_allowed,
    } | {name: value for name in ("certificate", "client_certificate", "proxy") if (value := getattr(server, name))}

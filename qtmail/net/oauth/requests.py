"""The token endpoint: a code or a refresh token against an access token, and the code that is typed on another device.

Only https, only to the addresses of the provider's entry, no redirects followed; nothing of it is ever logged.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlsplit

import msgspec

from qtmail.errors import ProtocolError, Refused, SignInNeeded, TemporarilyRefused, Unreachable
from qtmail.model import Server
from qtmail.net.connect import Wake
from qtmail.net.contacts import Why, noted
from qtmail.net.oauth.browser import Visit
from qtmail.net.oauth.providers import REGISTER, Provider
from qtmail.net.oauth.tokens import Tokens
from qtmail.net.tls import context

TIMEOUT = 15.0
MOST_OCTETS = 256 * 1024
SLOWER_S = 5
"""What "slow_down" adds to the interval (RFC 8628, 3.5)."""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What somebody types on another device (RFC 8628, 3.2): `user_code` at `address`, before `expires_s` are over."""

    device_code: str
    user_code: str
    address: str
    interval_s: int
    expires_s: int


class _NotYet(Exception):
    """The user has not typed the code. Never leaves this module."""


def redeem(provider: Provider, code: str, verifier: str, redirect: str) -> Tokens:
    """The code of the provider's page against tokens (RFC 6749, 4.1.3; RFC 7636, 4.5).

    Raises Unreachable, TlsFailed, TemporarilyRefused, Refused, SignInNeeded, ProtocolError.
    """
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
    return _tokens(provider, _ask(provider, provider.token_endpoint, asked))


def refresh(provider: Provider, old: Tokens) -> Tokens:
    """The next access token (RFC 6749, 6), and the next refresh token where the provider changes it each time.

    Raises SignInNeeded where the provider does not know us any more, else as `redeem`.
    """
    if not old.refresh:
        raise _ended(provider)
    asked = {"grant_type": "refresh_token", "refresh_token": old.refresh}
    return _tokens(provider, _ask(provider, provider.token_endpoint, asked), old.refresh)


def begin_device(provider: Provider) -> DeviceCode:
    """Ask for a code to type elsewhere (RFC 8628, 3.1). Raises Refused where the provider has no such way."""
    if not provider.device_authorization_endpoint:
        raise Refused(f"{provider.name} has no sign-in with a code.", hint="Sign in with a browser on this computer.")
    told = _ask(provider, provider.device_authorization_endpoint, {"scope": " ".join(provider.scopes)})
    try:
        return DeviceCode(
            str(told["device_code"]),
            str(told["user_code"]),
            str(told.get("verification_uri") or told["verification_url"]),
            max(1, int(told.get("interval", 5))),
            int(told["expires_in"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise _odd(provider) from error


def await_device(
    provider: Provider, code: DeviceCode, *, sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float]
) -> Tokens:
    """Ask until the code was typed (RFC 8628, 3.4). `sleep` may raise to end it. Raises as `redeem`."""
    asked = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": code.device_code}
    deadline, interval = clock() + code.expires_s, float(code.interval_s)
    while clock() < deadline:
        sleep(interval)
        try:
            return _tokens(provider, _ask(provider, provider.token_endpoint, asked))
        except _NotYet as word:
            interval += SLOWER_S if str(word) == "slow_down" else 0
        except (Unreachable, TemporarilyRefused):
            interval += SLOWER_S
    raise SignInNeeded("The code was not used in time.", hint="Begin again.")


def sign_in(provider: Provider, login: str, show: Callable[[str], None], halt: Wake) -> Tokens:
    """A whole sign-in: `show` gets the address for the user's browser; ends early when `halt` is set. Raises as
    `redeem`, and what `Visit.await_code` raises."""
    with Visit(provider, login) as visit:
        show(visit.address)
        code = visit.await_code(halt)
        return redeem(provider, code, visit.verifier, visit.redirect)


def _ask(provider: Provider, url: str, form: dict[str, str]) -> dict[str, Any]:
    """POST a form, read a JSON object."""
    import httpx  # 100 ms, and only such accounts need it

    form = {"client_id": provider.client_id, **form}
    known = None
    if provider.client_secret and provider.basic:
        known = httpx.BasicAuth(quote_plus(provider.client_id), quote_plus(provider.client_secret))
    elif provider.client_secret:
        form["client_secret"] = provider.client_secret
    trust = context(Server("", 443, ca_file=provider.ca_file))
    deadline = time.monotonic() + TIMEOUT
    found = bytearray()
    host = urlsplit(url)
    try:
        with (
            noted(Why.SIGN_IN, host.hostname or "", host.port or 443) as contact,
            httpx.Client(verify=trust, timeout=TIMEOUT, headers={"User-Agent": "qtmail"}) as client,
            client.stream("POST", url, data=form, headers={"Accept": "application/json"}, auth=known) as answer,
        ):
            for chunk in answer.iter_bytes():
                found += chunk
                if len(found) > MOST_OCTETS or time.monotonic() > deadline:
                    raise _odd(provider)
            contact.end(len(found))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Unreachable(
            f"The sign-in server of {provider.name} does not answer.", hint="Check the network; it is tried again."
        ) from error
    told = _object(bytes(found))
    if answer.status_code >= 500 or answer.status_code == 429:
        raise TemporarilyRefused(f"The sign-in server of {provider.name} is busy.", server_words=_words(told))
    if answer.status_code != 200:
        raise _refusal(provider, told)
    if told is None:
        raise _odd(provider)
    return told


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _words(told: dict[str, Any] | None) -> str:
    """The provider's own, in one line."""
    words = " ".join(str((told or {}).get(key, "")) for key in ("error", "error_description")).split()
    return " ".join(words)[:300]


def _refusal(provider: Provider, told: dict[str, Any] | None) -> Exception:
    """RFC 6749, 5.2 and RFC 8628, 3.5."""
    if told is None:
        return _odd(provider)
    match told.get("error"):
        case "authorization_pending" | "slow_down" as word:
            return _NotYet(word)
        case "invalid_grant":
            return _ended(provider, _words(told))
        case "access_denied":
            return SignInNeeded(f"{provider.name} was told not to let qtmail in.", server_words=_words(told))
        case "expired_token":
            return SignInNeeded("The code was not used in time.", hint="Begin again.")
        case "invalid_client" | "unauthorized_client":
            return Refused(
                f"{provider.name} does not know this copy of qtmail.", hint=REGISTER, server_words=_words(told)
            )
    return Refused(f"{provider.name} refused the sign-in.", server_words=_words(told))


def _ended(provider: Provider, words: str = "") -> SignInNeeded:
    return SignInNeeded(
        f"The sign-in at {provider.name} has ended.", hint="Sign in again; nothing is lost.", server_words=words
    )


def _odd(provider: Provider) -> ProtocolError:
    return ProtocolError(f"The sign-in server of {provider.name} sent something that makes no sense.")


def _tokens(provider: Provider, told: dict[str, Any], refresh: str = "") -> Tokens:
    """RFC 6749, 5.1. A provider that names no new refresh token means the old one."""
    access, kind = told.get("access_token"), str(told.get("token_type", ""))
    if not isinstance(access, str) or not access.isascii() or not access.isprintable() or kind.lower() != "bearer":
        raise _odd(provider)
    try:
        seconds = int(told.get("expires_in") or 3600)
    except (TypeError, ValueError):
        seconds = 3600
    return Tokens(provider.name, access, str(told.get("refresh_token") or refresh), int(time.time()) + seconds)

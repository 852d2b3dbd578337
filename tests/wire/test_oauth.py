"""Signing in at a provider's page: a real identity provider, a real Dovecot and Postfix that take its tokens."""

import json
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest

from qtmail.engine.signing_in import Keys, let_in
from qtmail.errors import (
    LoginFailed,
    MailError,
    NoSecret,
    ProtocolError,
    Refused,
    SignInNeeded,
    TemporarilyRefused,
    TlsFailed,
    Unreachable,
)
from qtmail.model import AccountKey, Protocol, Security
from qtmail.net.connect import Wake
from qtmail.net.imap import ImapSession
from qtmail.net.oauth.browser import Visit
from qtmail.net.oauth.providers import Provider, of_host, providers
from qtmail.net.oauth.requests import DeviceCode, await_device, begin_device, redeem, refresh, sign_in
from qtmail.net.oauth.tokens import Tokens
from qtmail.net.pop3 import PopSession
from qtmail.net.smtp import SmtpSession
from qtmail.paths import Profile
from qtmail.secrets import Service
from tests.servers import Authority, Dovecot, Postfix
from tests.servers.process import HOST

with warnings.catch_warnings(record=True):  # of the mock's own libraries
    from tests.servers.identity import DOVECOT, IdentityProvider

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
ALICE = "alice@example.test"
KEY = AccountKey("alice")


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Dovecot, IdentityProvider]]:
    dovecot = Dovecot(extra=DOVECOT)
    with IdentityProvider(dovecot.authority) as identity:
        file = dovecot.root / "oauth2.conf"
        file.write_text(identity.dovecot_file())
        file.chmod(0o644)
        with dovecot:
            yield dovecot, identity


@pytest.fixture
def identity(server: tuple[Dovecot, IdentityProvider]) -> Iterator[IdentityProvider]:
    yield server[1]
    server[1].down = False
    assert server[1].canned == []


@pytest.fixture
def profile(tmp_path: Path, identity: IdentityProvider) -> Profile:
    made = Profile(tmp_path / "profile").create()
    made.oauth.write_text(identity.settings(HOST))
    return made


@pytest.fixture
def provider(profile: Profile) -> Provider:
    found = of_host(providers((profile.oauth,)), HOST)
    assert found is not None
    return found.usable()


@pytest.fixture
def halt() -> Iterator[Wake]:
    made = Wake()
    yield made
    made.close()


@pytest.fixture
def browser(identity: IdentityProvider) -> Iterator[Callable[[str], None]]:
    """Goes to the page and chooses alice, as the user's own browser does."""
    with ThreadPoolExecutor(1) as pool:
        visits = []
        yield lambda url: visits.append(pool.submit(identity.browse, url))
        for visit in visits:
            assert "You are signed in" in visit.result(10).text


@pytest.fixture
def tokens(provider: Provider, browser: Callable[[str], None], halt: Wake) -> Tokens:
    return sign_in(provider, ALICE, browser, halt)


class Kept:
    """A keyring."""

    def __init__(self, tokens: Tokens) -> None:
        self.secret = tokens.secret()

    def find(self, account: AccountKey, service: Service) -> tuple[Service, str]:
        if account != KEY:
            raise NoSecret("No password is stored for this account.")
        return Service.INCOMING, self.secret

    def put(self, account: AccountKey, service: Service, secret: str) -> None:
        assert (account, service) == (KEY, Service.INCOMING)
        self.secret = secret

    @property
    def tokens(self) -> Tokens:
        found = Tokens.read(self.secret)
        assert found is not None
        return found


def test_every_server_takes_the_token(server: tuple[Dovecot, IdentityProvider], tokens: Tokens) -> None:
    dovecot, _ = server
    imap = replace(dovecot.server("alice", Protocol.IMAP, Security.TLS), auth="oauth2", username=ALICE)
    ImapSession.connect(imap, tokens.access).close()
    pop3 = replace(dovecot.server("alice", Protocol.POP3, Security.STARTTLS), auth="oauth2", username=ALICE)
    PopSession.connect(pop3, tokens.access).abandon()
    with Postfix(dovecot) as postfix:
        smtp = replace(postfix.server("alice"), auth="oauth2", username=ALICE)
        SmtpSession.connect(smtp, tokens.access).quit()
    assert dovecot.log.count("method=OAUTHBEARER") == 2


@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_token_never_goes_where_only_passwords_are_taken(protocol: Protocol, tokens: Tokens) -> None:
    with Dovecot() as plain:
        there = replace(plain.server("alice", protocol, Security.TLS), auth="oauth2")
        with pytest.raises(LoginFailed, match="does not take"):
            (ImapSession if protocol is Protocol.IMAP else PopSession).connect(there, tokens.access)
        assert "auth failed" not in plain.log


def test_renewed_when_due_once_for_all_who_ask(profile: Profile, identity: IdentityProvider, tokens: Tokens) -> None:
    """A second use of a refresh token ends the sign-in at a provider that changes it each time."""
    kept = Kept(replace(tokens, expires=int(time.time()) + 10))
    keys = [Keys(profile, kept.find, kept.put) for _ in range(2)]  # as in two processes
    identity.redeemed.clear()
    with ThreadPoolExecutor(8) as pool:
        given = {one.result() for one in [pool.submit(keys[n % 2], KEY, Service.OUTGOING) for n in range(8)]}
    assert identity.redeemed == ["refresh_token"]
    assert given == {kept.tokens.access} != {tokens.access}
    assert kept.tokens.refresh == tokens.refresh  # none was given: the old one stays


def test_refused_then_renewed_then_ended(
    server: tuple[Dovecot, IdentityProvider], profile: Profile, identity: IdentityProvider, tokens: Tokens
) -> None:
    """Expired early by the server's clock; then revoked by the user at the provider."""
    dovecot, _ = server
    imap = replace(dovecot.server("alice", Protocol.IMAP, Security.TLS), auth="oauth2", username=ALICE)
    kept = Kept(replace(tokens, access="stale"))
    keys = Keys(profile, kept.find, kept.put)

    def connect(secret: str) -> ImapSession:
        return ImapSession.connect(imap, secret)

    def give(*, refused: str = "") -> str:
        return keys(KEY, Service.INCOMING, refused=refused)

    let_in(imap, give, connect).close()
    assert kept.tokens.access != "stale"
    identity.revoke()
    with pytest.raises(TemporarilyRefused):  # as this Dovecot says; it is not asked for another so soon
        let_in(imap, give, connect)
    keys = Keys(profile, kept.find, kept.put)
    with pytest.raises(SignInNeeded, match="has ended"):
        let_in(imap, give, connect)


def test_not_the_account_of_this_address(server: tuple[Dovecot, IdentityProvider], tokens: Tokens) -> None:
    dovecot, _ = server
    bobs = replace(dovecot.server("bob", Protocol.IMAP, Security.TLS), auth="oauth2", username="bob@example.test")
    with pytest.raises(SignInNeeded, match="does not take the sign-in"):
        let_in(bobs, lambda refused="": tokens.access, lambda secret: ImapSession.connect(bobs, secret))


def test_a_provider_that_is_down_ends_nothing(profile: Profile, identity: IdentityProvider, tokens: Tokens) -> None:
    kept = Kept(replace(tokens, expires=0))
    keys = Keys(profile, kept.find, kept.put)
    identity.down = True
    with pytest.raises(TemporarilyRefused) as caught:
        keys(KEY, Service.INCOMING)
    assert caught.value.retry
    identity.down = False
    assert keys(KEY, Service.INCOMING) == kept.tokens.access
    with pytest.raises(Unreachable):
        refresh(msgspec.structs.replace(provider_at(profile), token_endpoint="https://localhost:1/"), tokens)


def provider_at(profile: Profile) -> Provider:
    found = of_host(providers((profile.oauth,)), HOST)
    assert found is not None
    return found


def test_a_session_without_a_keyring_keeps_them_in_memory(profile: Profile, tokens: Tokens) -> None:
    def nothing(account: AccountKey, service: Service) -> tuple[Service, str]:
        raise NoSecret("no keyring")

    def never(*_: object) -> None:
        raise AssertionError

    keys = Keys(profile, nothing, never)
    keys.unlock(KEY, Service.INCOMING, replace(tokens, expires=0).secret())
    first = keys(KEY, Service.OUTGOING)
    assert first != tokens.access
    assert keys(KEY, Service.INCOMING) == first


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        ("400 Bad Request", b'{"error": "invalid_grant"}', SignInNeeded),
        ("400 Bad Request", b'{"error": "invalid_client"}', Refused),
        ("401 Unauthorized", b'{"error": "invalid_client", "error_description": "who?"}', Refused),
        ("400 Bad Request", b'{"error": "invalid_scope"}', Refused),
        ("400 Bad Request", b"<html>captive portal</html>", ProtocolError),
        ("200 OK", b"<html>captive portal</html>", ProtocolError),
        ("200 OK", b"[]", ProtocolError),
        ("200 OK", b'{"access_token": 7, "token_type": "bearer"}', ProtocolError),
        ("200 OK", b'{"access_token": "x\\r\\ny", "token_type": "bearer"}', ProtocolError),
        ("200 OK", b'{"access_token": "x", "token_type": "mac"}', ProtocolError),
        ("200 OK", b'"' + b"x" * 300_000 + b'"', ProtocolError),
        ("302 Found", b"", ProtocolError),
        ("429 Too Many Requests", b"", TemporarilyRefused),
        ("500 Oops", b"\xff\xfe", TemporarilyRefused),
    ],
)
def test_odd_answers(
    provider: Provider, identity: IdentityProvider, status: str, body: bytes, kind: type[MailError]
) -> None:
    identity.canned.append((status, body))
    with pytest.raises(kind) as caught:
        refresh(provider, Tokens("Testing", "a", "r", 0))
    assert type(caught.value) is kind


def test_odd_numbers_are_borne(provider: Provider, identity: IdentityProvider) -> None:
    identity.canned.append(("200 OK", b'{"access_token": "x", "token_type": "Bearer", "expires_in": "soon"}'))
    found = refresh(provider, Tokens("Testing", "a", "r", 0))
    assert (found.access, found.refresh) == ("x", "r")
    assert 3000 < found.expires - time.time() < 3700


def test_its_certificate_is_checked(provider: Provider) -> None:
    with pytest.raises((TlsFailed, Unreachable)):
        refresh(msgspec.structs.replace(provider, ca_file=""), Tokens("Testing", "a", "r", 0))


# The page, and who knocks meanwhile


def asked(visit: Visit) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(visit.address).query).items()}


def test_what_the_page_is_asked(provider: Provider) -> None:
    with Visit(provider, ALICE) as one, Visit(provider, ALICE) as other:
        first, second = asked(one), asked(other)
    assert first["code_challenge_method"] == "S256"
    assert first["login_hint"] == ALICE
    assert first["redirect_uri"].startswith("http://127.0.0.1:")
    for name in ("state", "code_challenge"):
        assert len(first[name]) >= 43
        assert first[name] != second[name]
    assert one.verifier not in one.address


def test_others_who_knock_are_turned_away_and_it_goes_on(provider: Provider, halt: Wake) -> None:
    with Visit(provider, ALICE) as visit, ThreadPoolExecutor(1) as pool:
        code = pool.submit(visit.await_code, halt)
        state = asked(visit)["state"]
        for path in ("?code=x", "?code=x&state=wrong", f"other?code=x&state={state}", f"?state={state}", "favicon.ico"):
            assert httpx.get(f"{visit.redirect}{path}").status_code == 400
        assert httpx.post(visit.redirect).status_code == 400
        assert httpx.get(f"{visit.redirect}?state={state}&state={state}&code=x").status_code == 400
        assert not code.done()
        page = httpx.get(f"{visit.redirect}?code=right&state={state}")
        assert code.result(10) == "right"
    assert "You are signed in" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_an_answer_of_somebody_else_is_not_used(provider: Provider, halt: Wake) -> None:
    """The mix-up attack (RFC 9207)."""
    strict = msgspec.structs.replace(provider, issuer="https://login.example.org", names_itself=True)
    for iss in ("&iss=https%3A%2F%2Fevil.example.org", ""):
        with Visit(strict, ALICE) as visit, ThreadPoolExecutor(1) as pool:
            code = pool.submit(visit.await_code, halt)
            httpx.get(f"{visit.redirect}?code=x&state={asked(visit)['state']}{iss}")
            with pytest.raises(SignInNeeded, match="did not come from"):
                code.result(10)


def test_the_user_says_no(provider: Provider, identity: IdentityProvider, halt: Wake) -> None:
    with Visit(provider, ALICE) as visit, ThreadPoolExecutor(1) as pool:
        code = pool.submit(visit.await_code, halt)
        assert "Not signed in" in identity.browse(visit.address, allow=False).text
        with pytest.raises(SignInNeeded, match="did not let qtmail in") as caught:
            code.result(10)
    assert "access_denied" in caught.value.server_words


def test_cancelled_and_nobody_came(provider: Provider, halt: Wake) -> None:
    with Visit(provider, ALICE) as visit:
        with pytest.raises(SignInNeeded, match="Nobody signed in"):
            visit.await_code(halt, patience=0.01)
        threading.Timer(0.05, halt.set).start()
        with pytest.raises(SignInNeeded, match="cancelled"):
            visit.await_code(halt)


def test_a_stolen_code_is_worth_nothing(provider: Provider, identity: IdentityProvider, halt: Wake) -> None:
    """Without the verifier of this visit the provider gives no token."""
    with Visit(provider, ALICE) as visit, ThreadPoolExecutor(1) as pool:
        code = pool.submit(visit.await_code, halt)
        identity.browse(visit.address)
        with pytest.raises(SignInNeeded):
            redeem(provider, code.result(10), "another", visit.redirect)


# A code typed on another device


def answers(identity: IdentityProvider, *told: dict[str, object]) -> None:
    for one in told:
        identity.canned.append(("400 Bad Request" if "error" in one else "200 OK", json.dumps(one).encode()))


def test_a_code_typed_elsewhere(provider: Provider, identity: IdentityProvider) -> None:
    answers(
        identity,
        {"device_code": "d", "user_code": "ABCD-EFGH", "verification_uri": "https://x.test/", "expires_in": 900},
        {"error": "authorization_pending"},
        {"error": "slow_down"},
        {"access_token": "x", "token_type": "Bearer", "refresh_token": "r", "expires_in": 60},
    )
    code = begin_device(provider)
    assert (code.user_code, code.address) == ("ABCD-EFGH", "https://x.test/")
    slept: list[float] = []
    found = await_device(provider, code, sleep=slept.append, clock=lambda: sum(slept))
    assert (found.access, found.refresh) == ("x", "r")
    assert slept == [5, 5, 10]


@pytest.mark.parametrize("word", ["access_denied", "expired_token"])
def test_a_code_that_is_refused(provider: Provider, identity: IdentityProvider, word: str) -> None:
    answers(identity, {"error": word})
    with pytest.raises(SignInNeeded):
        await_device(provider, DeviceCode("d", "u", "a", 1, 60), sleep=lambda _: None, clock=lambda: 0.0)


def test_a_code_that_nobody_types(provider: Provider, identity: IdentityProvider) -> None:
    answers(identity, *[{"error": "authorization_pending"}] * 3)
    slept: list[float] = []
    with pytest.raises(SignInNeeded, match="not used in time"):
        await_device(provider, DeviceCode("d", "u", "a", 20, 50), sleep=slept.append, clock=lambda: sum(slept))


def test_a_provider_without_such_codes(provider: Provider) -> None:
    with pytest.raises(Refused, match="no sign-in with a code"):
        begin_device(msgspec.structs.replace(provider, device_authorization_endpoint=""))


def test_another_root_is_not_trusted(provider: Provider, authority: Authority) -> None:
    other = msgspec.structs.replace(provider, ca_file=str(authority.ca_file))
    with pytest.raises((TlsFailed, Unreachable)):
        refresh(other, Tokens("Testing", "a", "r", 0))

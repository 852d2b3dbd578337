"""An identity provider of one's own, over TLS: OpenID Connect by oidc-provider-mock, which a Dovecot asks too.

What the mock does not look at is looked at here: that a code is redeemed with the verifier of its challenge (RFC 7636).
"""

import base64
import datetime
import hashlib
import io
import logging
import ssl
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import oidc_provider_mock
import tomli_w
from oidc_provider_mock import User
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.servers.authority import Authority
from tests.servers.process import HOST, free_ports

DOVECOT = """
auth_mechanisms = plain xoauth2 oauthbearer
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = @ROOT@/oauth2.conf
}
"""
"""For a Dovecot's `extra`: it takes the tokens of the provider whose `dovecot_file` is written there."""

_DOVECOT_FILE = """introspection_url = {url}/userinfo
introspection_mode = auth
username_attribute = sub
tls_ca_cert_file = {ca_file}
"""


class IdentityProvider:
    """Knows alice@example.test. `down`: it answers 503 to everything."""

    def __init__(self, authority: Authority, *, seconds: int = 3600) -> None:
        """seconds: an access token's life."""
        logging.getLogger("oidc_provider_mock").setLevel(logging.CRITICAL)  # it warns of every refusal
        self._app = oidc_provider_mock.app(
            access_token_max_age=datetime.timedelta(seconds=seconds),
            user_claims=[User(sub="alice", claims={"email": "alice@example.test"})],
        )
        (self.port,) = free_ports(1)
        self.url = f"https://localhost:{self.port}"
        self.ca_file = str(authority.ca_file)
        self.down = False
        self.canned: list[tuple[str, bytes]] = []
        """(status, body) of the next answers to POST requests: what no provider should say."""
        self.redeemed: list[str] = []
        """The grant types of the token requests so far."""
        self._challenges: dict[str, str] = {}
        self._server = make_server(
            HOST,
            self.port,
            self._wsgi,
            threaded=True,
            request_handler=_Quiet,
            ssl_context=authority.context("localhost"),
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="identity provider")

    def __enter__(self) -> "IdentityProvider":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def dovecot_file(self) -> str:
        return _DOVECOT_FILE.format(url=self.url, ca_file=self.ca_file)

    def settings(self, *hosts: str) -> str:
        """An oauth.toml that names it for these mail servers."""
        names = {
            "name": "Testing",
            "client_id": "qtmail",
            "client_secret": "sesame",
            "authorization_endpoint": f"{self.url}/oauth2/authorize",
            "token_endpoint": f"{self.url}/oauth2/token",
            "device_authorization_endpoint": f"{self.url}/device",
            "ca_file": self.ca_file,
        }
        provider = names | {"hosts": hosts, "scopes": ["openid", "email"], "basic": True}
        return tomli_w.dumps({"provider": [provider]})

    def browse(self, address: str, *, allow: bool = True) -> httpx.Response:
        """What the user does: open the page, choose alice (or refuse), follow the way back. -> qtmail's own page."""
        with httpx.Client(verify=_trust(self.ca_file)) as client:
            assert client.get(address).status_code == 200
            form = {"sub": "alice"} if allow else {"action": "deny"}
            back = client.post(address, data=form)
            place = back.headers["Location"]
            told = {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}
            asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
            self._challenges[told.get("code", "")] = asked["code_challenge"]
            if "state" not in told:  # the mock forgets it where it refuses
                place += "&" + urlencode({"state": asked["state"]})
            return client.get(place)

    def revoke(self) -> None:
        """Nothing that was given out holds any more."""
        with httpx.Client(verify=_trust(self.ca_file)) as client:
            assert client.post(f"{self.url}/users/alice/revoke-tokens").status_code == 204

    def _wsgi(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if self.down:
            start("503 Service Unavailable", [("Content-Type", "text/plain")])
            return [b"later"]
        if self.canned and environ["REQUEST_METHOD"] == "POST":
            status, body = self.canned.pop(0)
            start(status, [("Content-Type", "application/json"), ("Location", "https://example.org/")])
            return [body]
        if environ["PATH_INFO"] == "/oauth2/token":
            form = self._form(environ)
            self.redeemed.append(form["grant_type"])
            if form["grant_type"] == "authorization_code":
                digest = hashlib.sha256(form["code_verifier"].encode()).digest()
                wanted = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
                if self._challenges.get(form["code"]) != wanted:
                    start("400 Bad Request", [("Content-Type", "application/json")])
                    return [b'{"error": "invalid_grant"}']
        if environ["PATH_INFO"] == "/userinfo":
            return self._app(environ, partial(_as_rfc_6750, start))
        return self._app(environ, start)

    def _form(self, environ: dict[str, Any]) -> dict[str, str]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def _as_rfc_6750(start: Callable[..., Any], status: str, *more: Any) -> Any:
    """A token that is not known is 401 (3.1), which the mock does not say and a Dovecot wants to hear."""
    return start(status if status.startswith("200") else "401 Unauthorized", *more)


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Not on the tests' own output."""


def _trust(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)

"""Which mechanism is chosen, and what each one says: the examples of the RFCs."""

import pytest
import scramp

from qtmail.errors import LoginFailed
from qtmail.net import sasl

EVERY = ("LOGIN", "CRAM-MD5", "scram-sha-1", "PLAIN", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER", "GSSAPI")


def chosen(offered: tuple[str, ...], **how: object) -> str:
    found = sasl.choose(offered, "alice", "secret", **how)  # type: ignore[arg-type]
    return found.name if found else ""


def test_only_one_is_chosen_and_which() -> None:
    assert chosen(EVERY) == "PLAIN"
    assert chosen(EVERY, protected=False) == "SCRAM-SHA-256"
    assert chosen(("LOGIN", "CRAM-MD5", "PLAIN"), protected=False) == "CRAM-MD5"
    assert chosen(("PLAIN", "LOGIN"), protected=False, clear=False) == ""
    assert chosen(("PLAIN", "SCRAM-SHA-1"), protected=False, clear=False) == "SCRAM-SHA-1"
    assert chosen(("GSSAPI",)) == chosen(()) == ""


def test_a_token_and_a_password_never_take_each_others_way() -> None:
    assert chosen(EVERY, auth=sasl.TOKEN_AUTH) == "OAUTHBEARER"
    assert chosen(("XOAUTH2", "PLAIN"), auth=sasl.TOKEN_AUTH) == "XOAUTH2"
    assert chosen(("PLAIN",), auth=sasl.TOKEN_AUTH) == chosen(("XOAUTH2", "OAUTHBEARER")) == ""


@pytest.mark.parametrize(
    ("name", "user", "secret", "challenges", "answers"),
    [
        ("PLAIN", "tim", "tanstaaftanstaaf", [b""], [b"\0tim\0tanstaaftanstaaf"]),
        ("LOGIN", "tim", "pass", [b"Username:", b"Password:", b"?"], [b"tim", b"pass", b""]),
        (
            "CRAM-MD5",
            "tim",
            "tanstaaftanstaaf",
            [b"<1896.697170952@postoffice.reston.mci.net>"],
            [b"tim b913a602c7eda7a495b4e6e7334d3890"],
        ),
        (
            "OAUTHBEARER",
            "a=b,c@example.com",
            "vF9dft4",
            [b"", b'{"status":"invalid_token"}'],
            [b"n,a=a=3Db=2Cc@example.com,\1auth=Bearer vF9dft4\1\1", b"\1"],
        ),
        (
            "XOAUTH2",
            "someuser@example.com",
            "ya29.vF9dft4",
            [b"", b'{"status":"401"}'],
            [b"user=someuser@example.com\1auth=Bearer ya29.vF9dft4\1\1", b""],
        ),
    ],
)
def test_what_each_says(name: str, user: str, secret: str, challenges: list[bytes], answers: list[bytes]) -> None:
    auth = sasl.TOKEN_AUTH if "OAUTH" in name else "password"
    mechanism = sasl.choose((name,), user, secret, auth=auth)
    assert mechanism is not None
    assert [mechanism.respond(challenge) for challenge in challenges] == answers


@pytest.mark.parametrize("name", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
@pytest.mark.parametrize("known", ["pencil", "other"])
def test_scram_proves_the_server_too(name: str, known: str) -> None:
    mechanism_of = scramp.ScramMechanism(name)
    salt, stored, server_key, iterations = mechanism_of.make_auth_info("pencil")
    if known == "other":
        server_key = bytes(len(server_key))
    server = mechanism_of.make_server(lambda _user: (salt, stored, server_key, iterations))
    mechanism = sasl.choose((name,), "user", "pencil")
    assert mechanism is not None
    assert mechanism.client_first
    server.set_client_first(mechanism.respond(b"").decode())
    server.set_client_final(mechanism.respond(server.get_server_first().encode()).decode())
    last = server.get_server_final().encode()
    if known == "pencil":
        assert mechanism.respond(last) == b""
    else:
        with pytest.raises(LoginFailed, match="could not prove"):
            mechanism.respond(last)


def test_what_is_not_base64_is_nothing() -> None:
    assert sasl.decode(b"%%%") == b""
    assert sasl.decode(sasl.encode(b"\0\xff")) == b"\0\xff"

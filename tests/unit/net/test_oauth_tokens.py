"""Tokens beside passwords, providers and their files."""

from pathlib import Path

import pytest

from qtmail.errors import BadInput
from qtmail.net.oauth.providers import of_host, providers
from qtmail.net.oauth.tokens import Tokens


def test_tokens_are_told_from_passwords() -> None:
    tokens = Tokens("Google", "accéss", 'ref"resh', 1000)
    assert Tokens.read(tokens.secret()) == tokens
    assert Tokens.read("secret") is None
    assert Tokens.read(tokens.secret()[:-5]) is None
    assert "accéss" not in repr(tokens)


@pytest.mark.parametrize(
    ("left", "fresh"), [(3600, True), (301, True), (299, False), (-10, False), (40 * 86400, False)]
)
def test_a_token_is_used_until_shortly_before_its_end(left: int, *, fresh: bool) -> None:
    """The last: the clock was put back by a month."""
    assert Tokens("P", "a", "r", 10_000_000 + left).fresh(now=10_000_000) is fresh


def test_every_provider_of_ours_is_whole_but_for_the_client() -> None:
    for one in providers(()):
        assert one.scopes
        assert one.hosts
        with pytest.raises(BadInput, match="client id"):
            one.usable()
        for url in (one.authorization_endpoint, one.token_endpoint):
            assert url.startswith("https://")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("imap.gmail.com", "Google"),
        ("IMAP.GMAIL.COM.", "Google"),
        ("outlook.office365.com", "Microsoft"),
        ("imap.fastmail.com", "Fastmail"),
        ("imap.mail.yahoo.com", "Yahoo"),
        ("gmail.com.example.org", None),
        ("notgmail.com", None),
        ("", None),
    ],
)
def test_whose_server_it_is(host: str, name: str | None) -> None:
    found = of_host(providers(()), host)
    assert (found and found.name) == name


def test_files_add_to_ours_and_the_last_one_wins(tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped.toml", tmp_path / "own.toml"
    shipped.write_text('[[provider]]\nname = "google"\nclient_id = "shipped"\nclient_secret = "s"\n')
    own.write_text(
        '[[provider]]\nname = "Google"\nclient_id = "mine"\n'
        '[[provider]]\nname = "Own"\nhosts = ["example.org"]\nclient_id = "c"\nca_file = "root.pem"\n'
        'authorization_endpoint = "https://a.example.org/"\ntoken_endpoint = "https://t.example.org/"\n'
    )
    every = providers((shipped, own, tmp_path / "none.toml"))
    google = of_host(every, "imap.gmail.com")
    assert google is not None
    assert (google.usable().client_id, google.client_secret) == ("mine", "s")
    assert google.scopes == ("https://mail.google.com/",)
    assert of_host(every, "imap.example.org").ca_file == str(tmp_path / "root.pem")


@pytest.mark.parametrize(
    "text", ["[[provider]\n", "[[provider]]\nname = 3\n", '[[provider]]\nname = "x"\nsecret = "y"\n', "\xff"]
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "oauth.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadInput, match=r"oauth\.toml"):
        providers((file,))


def test_an_address_without_protection_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "oauth.toml"
    file.write_text('[[provider]]\nname = "Google"\nclient_id = "c"\ntoken_endpoint = "http://example.org/"\n')
    with pytest.raises(BadInput, match="https"):
        of_host(providers((file,)), "imap.gmail.com").usable()

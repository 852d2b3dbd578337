"""accounts.toml: what goes in comes out, what is wrong is said, nothing is overwritten that cannot be read."""

from dataclasses import replace
from pathlib import Path

import pytest

from qtmail import accounts
from qtmail.errors import BadInput
from qtmail.model import Account, AccountKey, Identity, Keep, PopPolicy, Protocol, Security, Server

DEFINITION = """
name = "Work"
address = "alice@example.test"
display_name = "Alice Ünal"
[incoming]
protocol = "pop3"
host = "127.0.0.1"
port = 1110
security = "none"
username = "alice"
auth = "password"
keep_on_server = true
delete_after_days = 14
[outgoing]
host = "127.0.0.1"
port = 1587
security = "starttls"
username = "alice"
"""


def account(name: str = "Home") -> Account:
    server = Server("imap.example.org", 993, Security.TLS, "alice")
    return Account(AccountKey(""), name, "alice@example.org", "Alice", Protocol.IMAP, server, None)


def test_a_definition_is_understood() -> None:
    read = accounts.parse(DEFINITION)
    assert (read.name, read.display_name, read.protocol) == ("Work", "Alice Ünal", Protocol.POP3)
    assert read.incoming == Server("127.0.0.1", 1110, Security.NONE, "alice")
    assert read.pop == PopPolicy(keep_on_server=True, delete_after_days=14)
    assert read.outgoing is not None
    assert read.outgoing.security is Security.STARTTLS


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name =", "nmae =", "nmae"),
        ("port = 1110", 'port = "x"', "port"),
        ("port = 1110", "port = 70000", "70000"),
        ('"alice@example.test"', '"alice"', "alice"),
        ('"pop3"', '"exchange"', "exchange"),
        ('host = "127.0.0.1"\nport = 1110', 'host = "https://x/"\nport = 1110', "https://x/"),
        ('"Work"', '"Work/Home"', "name"),
        ("delete_after_days = 14", "delete_after_days = -1", "delete_after_days"),
        ("[outgoing]", "[outgoing", "account file"),
        ('auth = "password"', 'keep = "some"', "keep"),
        ('auth = "password"', "keep = -3", "days"),
        ('auth = "password"', "largest_mb = -1", "largest_mb"),
        ('auth = "password"', "connections = 0", "connections"),
    ],
)
def test_what_is_wrong_with_a_definition_is_said(old: str, new: str, said: str) -> None:
    assert old in DEFINITION
    with pytest.raises(BadInput) as caught:
        accounts.parse(DEFINITION.replace(old, new))
    assert said in str(caught.value)


def test_the_port_follows_from_the_protection() -> None:
    read = accounts.parse(DEFINITION.replace("port = 1110\n", "").replace('"none"', '"tls"'))
    assert read.incoming.port == 995


def test_every_field_survives_being_saved(tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    made = accounts.put(path, replace(accounts.parse(DEFINITION), signature="Alice\n-- 東京", check_minutes=9))
    assert accounts.load(path) == (made,)
    assert path.stat().st_mode & 0o077 == 0


def test_order_names_and_removal(tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    one, two = accounts.put(path, account("One")), accounts.put(path, account("Two"))
    accounts.reorder(path, (two.key, one.key))
    assert accounts.load(path) == (two, one)
    with pytest.raises(BadInput, match="already"):
        accounts.put(path, account("one"))
    assert accounts.named(path, "TWO") == two
    with pytest.raises(BadInput, match="no account"):
        accounts.named(path, "Three")
    accounts.remove(path, two.key)
    assert accounts.load(path) == (one,)


def test_an_account_added_again_finds_its_mail(tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    first = accounts.put(path, account())
    accounts.remove(path, first.key)
    accounts.put(path, replace(account("Other"), address="bob@example.org"))
    assert accounts.put(path, account("New name")).key == first.key


def test_a_damaged_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text("account = [[[")
    with pytest.raises(BadInput, match="cannot be read"):
        accounts.put(path, account())
    assert path.read_text() == "account = [[["


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("mx.org", False)]
)
def test_loopback(host: str, expected: bool) -> None:
    assert accounts.is_loopback(host) is expected


@pytest.mark.parametrize(("word", "days"), [('"everything"', None), ('"headers"', 0), ("90", 90)])
def test_what_is_kept_here_is_remembered(tmp_path: Path, word: str, days: int | None) -> None:
    text = DEFINITION.replace('"pop3"', '"imap"').replace("delete_after_days = 14", "")
    made = accounts.parse(text.replace('auth = "password"', f"keep = {word}\nlargest_mb = 25\nconnections = 2"))
    assert (made.keep, made.largest_mb, made.connections) == (Keep(days), 25, 2)
    assert accounts.parse(accounts.as_file(made)) == made
    assert Keep.of(str(made.keep)) == made.keep
    accounts.put(tmp_path / "accounts.toml", made)
    assert accounts.load(tmp_path / "accounts.toml")[0].keep == Keep(days)
    assert accounts.parse(DEFINITION).connections == 3


def test_identities_survive_the_file(tmp_path: Path) -> None:
    club = Identity(
        "club", "Alice of the club", "chair@club.example", "board@club.example", "-- Chair", None, "Club/Sent",
        ("*@club.example",),
    )  # fmt: skip
    own = Server("smtp.club.example", 465, Security.TLS, "chair")
    file = tmp_path / "accounts.toml"
    wanted = replace(account(), reply_to="desk@example.org", patterns=("alice+*@example.org",))
    kept = accounts.put(file, replace(wanted, more_identities=(club, replace(club, key="two", outgoing=own))))
    (read,) = accounts.load(file)
    assert read == kept
    assert read.identity("two").outgoing == own
    assert [one.address for one in read.identities] == ["alice@example.org", *["chair@club.example"] * 2]
    assert (read.identity("gone").address, read.identity("gone").reply_to) == ("alice@example.org", "desk@example.org")
    assert accounts.parse(accounts.as_file(read)).more_identities == read.more_identities


@pytest.mark.parametrize(
    "wrong",
    [Identity("a", "", "nobody"), Identity("a", "", "a@b", "x y@z"), Identity("a", "", "a@b", patterns=("club",))],
)
def test_identities_that_cannot_work_are_refused(tmp_path: Path, wrong: Identity) -> None:
    with pytest.raises(BadInput):
        accounts.put(tmp_path / "accounts.toml", replace(account(), more_identities=(wrong,)))

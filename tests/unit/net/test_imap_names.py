"""Mailbox names and roles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.errors import Refused
from qtmail.model import Role
from qtmail.net.imap_names import (
    ROLE_BY_NAME,
    Listed,
    Namespace,
    arrange,
    decode,
    encode,
    parse_list,
    parse_namespace,
    parse_status,
    shown_path,
    wire_path,
)
from qtmail.net.imap_shared import Foreign

DOTTED = Namespace("INBOX.", ".")


def listed(name: bytes, *attributes: bytes, delimiter: str = "/") -> Listed:
    return Listed(frozenset(attributes), delimiter, name)


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1))
def test_names_survive_the_way_there_and_back(name: str) -> None:
    assert decode(encode(name)) == name


@given(st.binary(min_size=1, max_size=30))
def test_any_name_can_be_shown(name: bytes) -> None:
    path = shown_path(name, "/", Namespace())
    assert path
    assert path.isprintable()


@pytest.mark.parametrize(
    ("wire_name", "delimiter", "namespace", "path"),
    [
        (b"inbox", "/", Namespace(), "INBOX"),
        (b"INBOX.Sent", ".", DOTTED, "Sent"),
        (b"INBOX", ".", DOTTED, "INBOX"),
        (b"INBOX.a.b", ".", DOTTED, "a/b"),
        (b"INBOX/a", "/", Namespace(), "INBOX/a"),
        (b"a/b.c", ".", Namespace("", "."), "a∕b/c"),
        (b"user.bob.x", ".", DOTTED, "user/bob/x"),
        (b"INBOX.INBOX", ".", DOTTED, "INBOX/INBOX"),
        (b"Entw&APw-rfe", "/", Namespace(), "Entwürfe"),
        (b"bad &utf7", "/", Namespace(), "bad &utf7"),
        ("Entwürfe".encode(), "/", Namespace(), "Entwürfe"),
        (b"Entw\xfcrfe", "/", Namespace(), "Entwürfe"),
        (b"a\x07b", "/", Namespace(), "a�b"),
    ],
)
def test_paths(wire_name: bytes, delimiter: str, namespace: Namespace, path: str) -> None:
    assert shown_path(wire_name, delimiter, namespace) == path


def test_wire_paths() -> None:
    assert wire_path("INBOX", DOTTED) == b"INBOX"
    assert wire_path("a/Ü", DOTTED) == b"INBOX.a.&ANw-"
    assert wire_path("a∕b/c", Namespace("", ".")) == b"a/b.c"
    for path, namespace in (("a.b", DOTTED), ("", DOTTED), ("a//b", DOTTED), ("a/b", Namespace("", ""))):
        with pytest.raises(Refused):
            wire_path(path, namespace)


def test_roles_of_the_server_win_over_names() -> None:
    folders = arrange(
        [
            listed(b"INBOX"),
            listed(b"Sent"),
            listed(b"Gesendet", b"\\sent"),
            listed(b"Papierkorb"),
            listed(b"Deleted Items"),
            listed(b"Archive/Sent Items"),
            listed(b"Junk", b"\\noselect"),
        ],
        None,
        {},
        Namespace(),
    )
    roles = {folder.path: folder.role for folder in folders}
    assert roles == {
        "INBOX": Role.INBOX,
        "Sent": Role.NONE,
        "Gesendet": Role.SENT,
        "Papierkorb": Role.NONE,
        "Deleted Items": Role.TRASH,
        "Archive/Sent Items": Role.NONE,
        "Junk": Role.NONE,
    }


def test_well_known_names_are_unambiguous() -> None:
    assert all(name == name.casefold().strip() for name in ROLE_BY_NAME)
    assert set(ROLE_BY_NAME.values()) == {Role.SENT, Role.DRAFTS, Role.TRASH, Role.JUNK, Role.ARCHIVE}


def test_two_names_that_would_look_alike_stay_apart() -> None:
    folders = arrange(
        [listed(b"INBOX.a", delimiter="."), listed(b"a", delimiter=".")], None, {}, Namespace("INBOX.", ".")
    )
    assert len({folder.path for folder in folders}) == 2


def test_namespace_replies() -> None:
    assert parse_namespace([b'NAMESPACE (("INBOX." ".")) NIL NIL\r\n']) == DOTTED
    assert parse_namespace([b'NAMESPACE (("" "/" "X" ("y")) ("~" "/")) (("u/" "/")) NIL\r\n']) == Namespace(
        "", "/", (Foreign("u/", "/", True),)
    )
    assert parse_namespace([b"NAMESPACE NIL NIL NIL\r\n"]) == Namespace()
    assert parse_namespace([b"NAMESPACE ((((\r\n"]) == Namespace()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b'LIST () "/" "a \\"b"\r\n', b'a "b'),
        (b'LIST () "/" a(b\r\n', b"a(b"),
        (b'LIST () "/" "a"b"\r\n', b'a"b'),
        (b'LIST () "/" two words\r\n', b"two"),
        (b'LIST () "/" ""\r\n', None),
        (b"LIST\r\n", None),
        (b"LIST () \r\n", None),
    ],
)
def test_list_replies(line: bytes, name: bytes | None) -> None:
    found = parse_list([line])
    assert (found.wire_name if found else None) == name


def test_status_replies() -> None:
    found = parse_status([b'STATUS "a b" (MESSAGES 3 UIDNEXT 9 uidvalidity 7 X (1) UNSEEN x)\r\n'])
    assert found is not None
    assert found[0] == b"a b"
    assert (found[1].total, found[1].uidnext, found[1].uidvalidity, found[1].unseen) == (3, 9, 7, None)
    assert parse_status([b"STATUS a\r\n"]) is None
    assert parse_status([b"STATUS a (MESSAGES\r\n"]) is None

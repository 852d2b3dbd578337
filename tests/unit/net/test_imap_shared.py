"""Where folders of others stand in the tree, and that they never serve as the user's own."""

import pytest

from qtmail.model import Role
from qtmail.net.imap_names import Listed, Namespace, arrange, parse_namespace
from qtmail.net.imap_shared import Foreign, Place, place_of
from qtmail.net.imap_values import RemoteFolder

USERS = Foreign("user.", ".", True)
PUBLIC = Foreign("#Team.", ".", False)
NAMESPACE = Namespace("INBOX.", ".", (USERS, PUBLIC, Foreign("Shared/", "/", False)))


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("user.bob", Place(("Shared folders", "bob"), "bob")),
        ("user.bob.INBOX", Place(("Shared folders", "bob", "Inbox"), "bob")),
        ("user.bob.Plans.2024", Place(("Shared folders", "bob", "Plans", "2024"), "bob")),
        ("user", Place(("Shared folders",), "")),
        ("#Team.Minutes", Place(("Shared folders", "Team", "Minutes"), "")),
        ("#Team", Place(("Shared folders", "Team"), "")),
        ("Shared/Sales/2024", Place(("Shared folders", "Sales", "2024"), "")),
        ("Shared", Place(("Shared folders",), "")),
        ("INBOX.user.bob", None),
        ("users", None),
        ("#Teamwork", None),
    ],
)
def test_places(name: str, place: Place | None) -> None:
    assert place_of(name, NAMESPACE.foreign) == place


def test_a_reply_with_all_three_kinds() -> None:
    told = b'NAMESPACE (("INBOX." ".")) (("user." ".")("~" "/")) (("#Team." ".")("" "/")("Flat" NIL))\r\n'
    assert parse_namespace([told]) == Namespace(
        *("INBOX.", "."),
        (USERS, Foreign("~", "/", True), PUBLIC, Foreign("Flat", "", False)),
    )


def folders(*names: bytes) -> dict[str, RemoteFolder]:
    listed = [Listed(frozenset((b"\\trash",) if b"Trash" in name else ()), ".", name) for name in names]
    return {folder.path: folder for folder in arrange(listed, None, {}, NAMESPACE)}


def test_those_of_others_have_no_role_and_an_owner() -> None:
    found = folders(b"INBOX", b"user.bob.Trash", b"user.bob.Sent", b"INBOX.Sent Items")
    assert {path: folder.role for path, folder in found.items() if folder.role} == {
        "INBOX": Role.INBOX,
        "Sent Items": Role.SENT,
    }
    trash = found["Shared folders/bob/Trash"]
    assert (trash.shared, trash.owner, trash.wire_name) == (True, "bob", b"user.bob.Trash")
    assert not found["Sent Items"].shared


def test_levels_the_server_does_not_list_are_there_to_hold_the_others() -> None:
    found = folders(b"user.bob.Plans", b"#Team.Minutes")
    above = {path: folder.wire_name for path, folder in found.items() if not folder.selectable}
    assert above.keys() == {"Shared folders", "Shared folders/bob", "Shared folders/Team"}
    assert len(set(above.values()) | {folder.wire_name for folder in found.values()}) == 5
    assert found["Shared folders/bob"].owner == "bob"
    assert b"" not in above.values()

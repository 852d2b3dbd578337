"""Folders of others, rights and quota: on a Dovecot that has them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from imapclient import IMAPClient

from qtmail.errors import Refused
from qtmail.model import Protocol, Role
from qtmail.net.imap import ImapSession
from qtmail.net.imap_values import RemoteFolder
from tests.servers import SHARING, Dovecot, ScriptedServer
from tests.wire.conftest import message
from tests.wire.imap_scripts import IN, connect


@pytest.fixture(scope="module", params=[("/", ""), (".", "INBOX.")], ids=["slashes", "dots"])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[Dovecot, str]]:
    """A server, and what stands before the names of one's own folders."""
    separator, prefix = request.param
    with Dovecot(extra=SHARING, separator=separator, prefix=prefix) as running:
        yield running, prefix


@pytest.fixture
def sharing(place: tuple[Dovecot, str]) -> Dovecot:
    return place[0]


@pytest.fixture
def prefix(place: tuple[Dovecot, str]) -> str:
    return place[1]


@contextmanager
def session(server: Dovecot, user: str) -> Iterator[ImapSession]:
    made = ImapSession.connect(server.server(user, Protocol.IMAP), "secret")
    try:
        yield made
    finally:
        made.close()


def share(server: Dovecot, owner: str, folder: str, who: str, rights: str) -> None:
    """The owner makes a folder, if it is not there, and lets somebody in."""
    with IMAPClient(server.host, server.imap, ssl=False) as client:
        client.login(owner, "secret")
        names = {name.decode() if isinstance(name, bytes) else name for _, _, name in client.list_folders()}
        if folder not in names:
            client.create_folder(folder)
        client.setacl(folder, who, rights)


def by_path(session: ImapSession) -> dict[str, RemoteFolder]:
    return {folder.path: folder for folder in session.folders()}


def test_folders_of_others_stand_below_shared_folders_with_their_owner(sharing: Dovecot, prefix: str) -> None:
    owner, guest = sharing.add_user(), sharing.add_user()
    share(sharing, owner, f"{prefix}Plans", guest, "lr")
    share(sharing, owner, f"{prefix}Trash", guest, "lrswite")
    with session(sharing, guest) as mine:
        found = by_path(mine)
        plans = found[f"Shared folders/{owner}/Plans"]
        assert (plans.shared, plans.owner, plans.role, plans.selectable) == (True, owner, Role.NONE, True)
        assert found[f"Shared folders/{owner}/Trash"].role is Role.NONE
        assert found["Trash"].role is Role.TRASH
        assert not found["Trash"].shared
        assert not found["Shared folders"].selectable
        selected = mine.select(plans.wire_name)
        assert selected.uidvalidity
        names = [plans.wire_name, found["Trash"].wire_name]
        theirs, own = mine.rights_of(names).values()
        assert theirs is not None
        assert theirs.letters == set("lr")
        assert own is not None
        assert own.letters >= set("te")


def test_a_folder_is_made_inside_one_of_theirs_and_not_beside_them(sharing: Dovecot, prefix: str) -> None:
    owner, guest = sharing.add_user(), sharing.add_user()
    share(sharing, owner, f"{prefix}Plans", guest, "lrk")
    with session(sharing, guest) as mine:
        by_path(mine)
        name = mine.wire_name(f"Shared folders/{owner}/Plans/2024")
        mine.create(name)
        assert f"Shared folders/{owner}/Plans/2024" in by_path(mine)
        with pytest.raises(Refused, match="among those of others"):
            mine.wire_name("Shared folders/mine")


def test_quota_is_told(sharing: Dovecot) -> None:
    user = sharing.add_user()
    sharing.fill(user, [message(1, 300_000)])
    with session(sharing, user) as mine:
        (storage,) = [one for one in mine.quota() if one.resource == "STORAGE"]
        assert storage.limit == 1024 * 1024
        assert 290_000 < storage.used < 400_000


def test_namespaces_that_a_star_does_not_bring_are_asked_for_by_name() -> None:
    script = f"""{IN.replace("IMAP4rev1] in", "IMAP4rev1 NAMESPACE LIST-EXTENDED] in")}
        C: $ NAMESPACE
        C: $ LIST "" "*" RETURN (SUBSCRIBED)
        S: * NAMESPACE (("" "/")) (("user/" "/")) (("Team/" "/"))
        S: $2 OK done
        S: * LIST () "/" INBOX
        S: * LIST () "/" Team/Minutes
        S: $ OK done
        C: $ LIST "" "user/*" RETURN (SUBSCRIBED)
        S: * LIST (\\Trash) "/" user/bob/Trash
        S: $ OK done
        C: $ LIST "" "*" RETURN (SUBSCRIBED)
        S: * LIST () "/" INBOX
        S: * LIST () "/" user/bob/Trash
        S: $ OK done
        C: $ LIST "" "Team/*" RETURN (SUBSCRIBED)
        S: $ NO none
        HOLD"""
    with ScriptedServer(script) as server:
        mine = connect(server)
        found = by_path(mine)
        assert found["Shared folders/bob/Trash"].role is Role.NONE
        assert found["Shared folders/Team/Minutes"].shared
        assert "Shared folders/bob/Trash" in by_path(mine)
        mine._client.wire.close()

"""What a server does not let the user do is refused before it is tried, in words."""

from collections.abc import Callable, Sequence

import pytest

from qtmail.engine.mail import Mail
from qtmail.engine.permitting import why_not
from qtmail.errors import BadInput
from qtmail.model import AccountKey, Flag, FolderId, Right, RowId
from qtmail.store import folders as store_folders
from qtmail.store import rights
from qtmail.store.values import ServerFolder

WORK = AccountKey("w")
PLANS = "Work/Shared folders/bob/Plans"
Put = Callable[..., Sequence[RowId]]


@pytest.fixture
def plans(mail: Mail) -> FolderId:
    """A folder of bob, not restricted yet."""
    listed = [
        ServerFolder(folder.path.encode(), folder.path, folder.role)
        for folder in mail.folders()
        if folder.account == WORK
    ]
    above = [ServerFolder(b"shared/bob", "Shared folders/bob", selectable=False, shared=True, owner="bob")]
    shared = ServerFolder(b"shared/bob/Plans", "Shared folders/bob/Plans", shared=True, owner="bob")
    with mail._store.transaction("list") as tx:
        store_folders.update_folders(tx, WORK, [*listed, *above, shared], now=1)
    return mail.folder_named(PLANS).id


def allow(mail: Mail, folder: FolderId, letters: str) -> None:
    with mail._store.transaction("rights") as tx:
        rights.remember(tx, folder, letters, now=1)


def test_nothing_can_be_changed_in_a_read_only_folder(mail: Mail, plans: FolderId, put: Put) -> None:
    (row,) = put(PLANS)
    (other,) = put("Work/INBOX")
    inbox = mail.folder_named("Work/INBOX").id
    allow(mail, plans, "lr")
    before = mail.waiting()
    acts: list[Callable[[], object]] = [
        lambda: mail.set_flag([row], Flag.SEEN, True),
        lambda: mail.set_flags([row], [(Flag.FLAGGED, True), (Flag.SEEN, True)]),
        lambda: mail.move([row], inbox),
        lambda: mail.archive([row]),
        lambda: mail.junk([row]),
        lambda: mail.delete([row]),
        lambda: mail.expunge([row]),
        lambda: mail.move([other], plans),
        lambda: mail.copy([other], plans),
        lambda: mail.rename_folder(plans, "Shared folders/bob/Ideas"),
        lambda: mail.delete_folder(plans),
        lambda: mail.create_folder(WORK, "Shared folders/bob/Plans/2024"),
    ]
    for act in acts:
        with pytest.raises(BadInput, match="You may only read in “Plans”") as refused:
            act()
        assert refused.value.hint == "Ask bob to allow it."
    assert mail.waiting() == before
    assert mail.folder(plans).read_only
    assert mail.copy([row], inbox).gesture is not None, "reading it is enough to copy from it"


def test_looking_at_it_is_no_fault(mail: Mail, plans: FolderId, put: Put) -> None:
    (row,) = put(PLANS)
    allow(mail, plans, "lr")
    assert mail.set_flag([row], Flag.SEEN, True, quiet=True).gesture is None
    allow(mail, plans, "lrs")
    assert mail.set_flag([row], Flag.SEEN, True, quiet=True).gesture is not None


def test_each_right_by_itself(mail: Mail, plans: FolderId, put: Put) -> None:
    (row,) = put(PLANS)
    allow(mail, plans, "lrs")
    mail.set_flag([row], Flag.SEEN, True)
    with pytest.raises(BadInput, match="You may not star or mark mail in “Plans”"):
        mail.set_flag([row], Flag.FLAGGED, True)
    with pytest.raises(BadInput, match="You may not remove mail from “Plans”"):
        mail.delete([row])
    allow(mail, plans, "lrswit")
    assert why_not(mail.folder(plans), Right.REMOVE), "to mark without expunging removes nothing"
    allow(mail, plans, "lrswite")
    mail.delete([row])
    allow(mail, plans, "lrswitek")
    mail.create_folder(WORK, "Shared folders/bob/Plans/2024")
    with pytest.raises(BadInput, match="You may not rename or delete “Plans”"):
        mail.delete_folder(plans)


def test_own_folders_are_not_made_among_those_of_others(mail: Mail, plans: FolderId) -> None:
    with pytest.raises(BadInput, match="among those of others"):
        mail.create_folder(WORK, "Shared folders/bob/Mine")
    mail.create_folder(WORK, "Mine")
    with pytest.raises(BadInput, match="among those of others"):
        mail.rename_folder(mail.folder_named("Work/Mine").id, "Shared folders/bob/Mine")
    assert why_not(mail.folder(plans), Right.ADD) == "", "not known is not forbidden"

"""The lines between the two processes."""

import pytest

from qtmail import events
from qtmail.model import Account, AccountKey, AccountState, FolderId, MessageId, OutboxId, Protocol, RowId, Server

ACCOUNT = Account(AccountKey("k"), "n", "a@b", "日本", Protocol.POP3, Server("h", 1), Server("o", 2))
SAMPLES = [
    events.FoldersChanged(AccountKey("a")),
    events.FolderChanged(FolderId(7), 3),
    events.BodiesArrived((MessageId(1), MessageId(2**40))),
    events.AttachmentsRead(12),
    events.SearchesChanged(),
    events.ServersSearched(3, (RowId(5),), "1 more"),
    events.SearchServers(3, "zebra"),
    events.OutboxChanged(OutboxId(4)),
    events.StateChanged(AccountKey("a"), AccountState.SYNCING, "Wörk\nnew line", 3, 9),
    events.Problem(AccountKey("a"), "what", "hint", "server", retry=True),
    events.Sending(OutboxId(4), 3, 9),
    events.EngineReady((AccountKey("a"),)),
    events.AccountTested(3, events.Tried(True, "fine"), events.Tried(False, "no", "do", "said")),
    events.AskedForServers(3, "DNS", "knows nothing", found=False),
    events.ServersFound(
        3, "Ex", (events.ServerOffer("imap", ACCOUNT.incoming),), (events.Advice("Do.", "https://example.org"),)
    ),
    events.FindServers(3, "alice@example.org"),
    events.CertificateSeen(3, "no", "ab", "a", "b", ("c", "d"), 1, 2, "RSA", True),
    events.LookAtCertificate(3, "imap", ACCOUNT.incoming),
    events.SignInAt(3, "Ex", "https://example.org/?a=b"),
    events.SignedIn(3, "sécret", "words", "hint", "said"),
    events.SignIn(3, ACCOUNT.incoming, "alice@example.org"),
    events.CancelSignIn(3),
    events.RoomMade(3, 4, 5, ("words",)),
    events.MakeRoom(365, stop=True),
    events.Wake((AccountKey("a"),), check=True),
    events.CancelSending(OutboxId(4)),
    events.Cancel((AccountKey("a"),)),
    events.FetchBody((MessageId(1),)),
    events.LookAt((MessageId(1),)),
    events.Metered(True),
    events.Reload(),
    events.Unlock(AccountKey("a"), "incoming", "sécret"),
    events.Entrust("sécret"),
    events.TestAccount(3, ACCOUNT, "p", "q"),
    events.GoOffline(True),
    events.Stop(),
]


def test_every_kind_has_a_sample() -> None:
    kinds = {type(sample) for sample in SAMPLES}
    assert kinds == set((events.Event | events.Wish).__args__)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_one_line_there_and_back(sample: events.Event | events.Wish) -> None:
    line = events.encode(sample)
    assert line.count(b"\n") == 1
    assert events.decode(line) == sample


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b'{"is": "Format"}', b'{"is": "Wake", "check": "x"}', b"\xff"])
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        events.decode(line)


def test_passwords_are_not_in_any_repr() -> None:
    assert "sécret" not in repr(events.Unlock(AccountKey("a"), "incoming", "sécret"))
    assert "sécret" not in repr(events.Entrust("sécret"))
    assert "sécret" not in repr(events.SignedIn(3, "sécret"))
    assert "'p'" not in repr(events.TestAccount(3, ACCOUNT, "p", "q"))

"""Operations: there and back through the journal, and each one's inverse takes it back."""

import pytest

from qtmail import operations
from qtmail.model import AccountKey, FolderId, OutboxId, RowId
from qtmail.operations import (
    KINDS,
    Append,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    KeepSearch,
    Move,
    Mute,
    NotUndoable,
    Operation,
    Regroup,
    RenameFolder,
    Restore,
    SavedSearch,
    Send,
    SetFlag,
    Subscribe,
    ThreadWord,
    Unsend,
)

ROWS = (RowId(1), RowId(2), RowId(3))
INBOX, TRASH, WORK = FolderId(10), FolderId(11), FolderId(12)
HOME = AccountKey("home")
SAMPLES: list[Operation] = [
    SetFlag(ROWS, "\\Seen", True),
    Move(ROWS, (INBOX, WORK, INBOX), TRASH),
    Copy(ROWS, WORK, (RowId(7), RowId(8), RowId(9))),
    Append(ROWS),
    Expunge(ROWS),
    Restore(ROWS),
    CreateFolder(HOME, WORK, "Projects/Über"),
    RenameFolder(HOME, WORK, "a", "b"),
    DeleteFolder(HOME, WORK, "a"),
    Subscribe(HOME, WORK, "a", True),
    KeepSearch(SavedSearch(3, "Zoo", "okapi"), SavedSearch(3, "Zoo", "okapi OR zebra")),
    Regroup((ThreadWord(2**62, None),), (ThreadWord(2**62, 0),), "Split"),
    Mute((5, 2**62), True),
    Send(ROWS[:1], OutboxId(5)),
    Unsend(ROWS[:1], OutboxId(5)),
]


def test_every_kind_has_a_sample() -> None:
    assert {type(sample) for sample in SAMPLES} == set(KINDS.values())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_the_journal_gives_back_what_it_was_given(sample: Operation) -> None:
    assert operations.decode(*operations.encode(sample)) == sample
    assert sample.label()


def test_an_operation_of_a_newer_program_is_named() -> None:
    with pytest.raises(ValueError, match="Teleport"):
        operations.decode("Teleport", "{}")


def test_a_move_goes_back_to_where_each_row_was() -> None:
    back = SAMPLES[1].inverse()
    assert set(back) == {
        Move((RowId(1), RowId(3)), (TRASH, TRASH), INBOX),
        Move((RowId(2),), (TRASH,), WORK),
    }


@pytest.mark.parametrize(
    "sample", [s for s in SAMPLES if isinstance(s, SetFlag | Expunge | RenameFolder | CreateFolder | Subscribe)]
)
def test_the_inverse_of_the_inverse_is_the_same(sample: Operation) -> None:
    (inverse,) = sample.inverse()
    assert inverse.inverse() == (sample,)


def test_what_cannot_be_taken_back_says_why() -> None:
    with pytest.raises(NotUndoable) as caught:
        SAMPLES[-1].inverse()
    assert caught.value.hint


def test_labels_speak_of_what_is_done() -> None:
    assert SetFlag(ROWS, "\\Seen", True).label() == "Mark 3 messages read"
    assert SetFlag(ROWS[:1], "\\Flagged", False).label() == "Unstar 1 message"
    assert SetFlag(ROWS, "todo", True).label() == "Add todo on 3 messages"

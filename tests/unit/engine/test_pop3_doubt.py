"""Which lists of a POP3 server are not believed."""

from dataclasses import replace

import pytest

from qtmail.engine.pop3_doubt import Doubt, doubt
from qtmail.net.pop3 import PopEntry
from tests.unit.engine.test_pop3_policy import ENTRY

OLD, NEW = [f"old{n}" for n in range(100)], [f"new{n}" for n in range(100)]


@pytest.mark.parametrize(
    ("listed", "states", "expected"),
    [
        (OLD, "kept", None),
        (OLD + NEW, "kept", None),
        (NEW, "kept", Doubt.RENAMED),
        (OLD[:9] + NEW, "kept", Doubt.RENAMED),
        (OLD[:9], "kept", Doubt.COLLAPSED),
        ([], "kept", Doubt.COLLAPSED),
        (OLD[:10], "kept", None),
        # asked to delete, and the answer was lost: that they are gone is what was asked for
        ([], "asked", None),
        (NEW, "asked", None),
        (OLD[:9] + NEW, "asked", None),
        (NEW, "deleted", None),
    ],
)
def test_which_lists_are_believed(listed: list[str], states: str, expected: Doubt | None) -> None:
    known = {uidl: replace(ENTRY, uidl=uidl, state=states) for uidl in OLD}
    question = doubt([PopEntry(number, uidl, 100) for number, uidl in enumerate(listed, 1)], known)
    assert (question.doubt if question else None) is expected


def test_a_few_messages_are_no_reason_to_ask() -> None:
    known = {uidl: replace(ENTRY, uidl=uidl) for uidl in OLD[:20]}
    assert doubt([PopEntry(1, "new", 100)], known) is None

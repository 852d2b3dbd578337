"""When a POP3 server's list cannot be what it should be: stop, say what is seen, ask, and act on the answer.

    renamed     nearly all names are new: the mailbox was moved, and what it holds may all be here already
    collapsed   nearly all that was there is missing: emptied by somebody, or a fault of the server

Until there is an answer nothing is downloaded, nothing deleted, nothing written off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from qtmail.errors import Refused
from qtmail.model import AccountKey
from qtmail.store import facts
from qtmail.store.connection import Reader
from qtmail.store.db import Tx
from qtmail.store.values import LedgerEntry

if TYPE_CHECKING:
    from qtmail.net.pop3 import PopEntry

MANY = 20
"""Fewer messages than this are no reason to ask."""
LEFT = 10
"""Collapsed: less than one in so many is still there."""
_QUESTION = "pop_question"
_ANSWER = "pop_answer"


class Doubt(StrEnum):
    RENAMED = "renamed"
    COLLAPSED = "collapsed"


class Answer(StrEnum):
    """What the user may say to it."""

    MATCH = "match"
    """Renamed: compare with what is here, download only what is not."""
    FETCH = "fetch"
    """Renamed: these are other messages, download all."""
    ACCEPT = "accept"
    """Collapsed: it is true, go on."""


ANSWERS: dict[Doubt, tuple[Answer, ...]] = {
    Doubt.RENAMED: (Answer.MATCH, Answer.FETCH),
    Doubt.COLLAPSED: (Answer.ACCEPT,),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is seen on the server. `listed`: messages there now; `known`: those known from before; `new`: of `listed`,
    those under names never seen."""

    doubt: Doubt
    listed: int
    known: int
    new: int

    def what(self) -> str:
        """One sentence."""
        if self.doubt is Doubt.RENAMED:
            return (
                f"Nearly all messages on the server have new names ({self.new:,} of {self.listed:,}), "
                "so they may all be here already."
            )
        return f"The server had {self.known:,} messages at the last check and shows only {self.listed:,} now."

    def hint(self) -> str:
        """What was done, and what can be said to it."""
        if self.doubt is Doubt.RENAMED:
            return (
                "Nothing was downloaded or deleted. Usually the provider moved the mailbox: let qtmail compare first, "
                "or download everything again if these are other messages."
            )
        return (
            "Nothing was changed; all mail is still here. If the mailbox was emptied elsewhere, go on; if not, wait: "
            "it is asked again at the next check."
        )


def doubt(listed: "Sequence[PopEntry]", known: Mapping[str, LedgerEntry]) -> Question | None:
    """Whether this list is to be believed; None: yes. Those we asked to delete prove nothing by being gone: the
    answer was not seen, that is all."""
    expected = {uidl for uidl, entry in known.items() if entry.open and entry.state != "asked"}
    here = {entry.uidl for entry in listed}
    new = len(here - known.keys())
    still = len(here & expected)
    if len(expected) <= MANY:
        return None
    if new > MANY and still * 2 < min(len(expected), len(here)):
        return Question(Doubt.RENAMED, len(here), len(expected), new)
    if still * LEFT < len(expected):
        return Question(Doubt.COLLAPSED, len(here), len(expected), new)
    return None


def ask(question: Question, command: str) -> Refused:
    """The problem that ends a pass. `command`: how to answer on the command line."""
    answers = " or ".join(f"--answer {answer}" for answer in ANSWERS[question.doubt])
    return Refused(question.what(), hint=f"{question.hint()} ({command} {answers})")


def remember(tx: Tx, account: AccountKey, question: Question | None) -> None:
    """What is to be asked; None: nothing, and no answer is kept either."""
    facts.put(tx, account, _QUESTION, msgspec.json.encode(asdict(question)).decode() if question else "")
    if question is None:
        facts.put(tx, account, _ANSWER, "")


def asked(reader: Reader, account: AccountKey) -> Question | None:
    """What waits for an answer."""
    told = facts.get(reader, account, _QUESTION)
    return msgspec.json.decode(told, type=Question) if told and not facts.get(reader, account, _ANSWER) else None


def answer(tx: Tx, account: AccountKey, given: Answer) -> None:
    """The user's word; the next pass acts on it."""
    facts.put(tx, account, _ANSWER, given.value)


def given(reader: Reader, account: AccountKey) -> Answer | None:
    """The user's word, as long as no pass has acted on it to the end."""
    told = facts.get(reader, account, _ANSWER)
    return Answer(told) if told else None

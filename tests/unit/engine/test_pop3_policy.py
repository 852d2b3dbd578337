"""What each policy lets go of a POP3 server, and how that is said before it is saved."""

from dataclasses import replace

import pytest

from qtmail.engine.pop3_policy import DAY, OnServer, due, forecast, staying
from qtmail.model import AccountKey, ContentHash, PopPolicy, RowId
from qtmail.store.values import LedgerEntry, PopWish, Proof

NOW = 1_700_000_000
ENTRY = LedgerEntry(
    *("", ContentHash(b"x" * 32), RowId(1), NOW, "kept", "", 1_000_000, Proof.WHOLE, PopWish.NONE, False),
    *(0, None, None, None, 1_000_000, False, AccountKey("a")),
)


def entry(uidl: str, days: int, **changed: object) -> LedgerEntry:
    return replace(ENTRY, uidl=uidl, stored_at=NOW - days * DAY, **changed)  # type: ignore[arg-type]


OLDEST_FIRST = (entry("a", 30), entry("b", 20), entry("c", 10), entry("d", 0))


def going(policy: PopPolicy, *entries: LedgerEntry | None) -> dict[str, str]:
    return due(policy, [OnServer(one, one.size if one else 1_000_000) for one in entries], now=NOW)


@pytest.mark.parametrize(
    ("policy", "names", "reason"),
    [
        (PopPolicy(), "", ""),
        (PopPolicy(keep_on_server=False), "abcd", "stored here"),
        (PopPolicy(delete_after_days=14), "ab", "stored here for 14 days"),
        (PopPolicy(delete_after_days=20), "ab", "stored here for 20 days"),
        (PopPolicy(keep_on_server=False, delete_after_days=14), "ab", "stored here for 14 days"),
        (PopPolicy(keep_on_server=False, delete_after_days=0), "abcd", "stored here"),
        (PopPolicy(keep_newest=3), "a", "not among the newest 3"),
        (PopPolicy(keep_newest=0), "abcd", "not among the newest 0"),
        (PopPolicy(keep_newest=9), "", ""),
        (PopPolicy(keep_newest_mb=2), "ab", "not within the newest 2 MB"),
        (PopPolicy(delete_when_deleted=True), "", ""),
    ],
)
def test_each_policy(policy: PopPolicy, names: str, reason: str) -> None:
    assert going(policy, *OLDEST_FIRST) == dict.fromkeys(names, reason)


def test_what_is_not_here_counts_for_the_newest_and_never_goes() -> None:
    assert going(PopPolicy(keep_newest=2), *OLDEST_FIRST[:2], None, None) == dict.fromkeys(
        "ab", "not among the newest 2"
    )
    assert going(PopPolicy(keep_on_server=False), None) == {}


def test_deleted_here() -> None:
    policy = PopPolicy(delete_when_deleted=True)
    assert going(policy, entry("a", 0, deleted_here=True), entry("b", 0)) == {"a": "deleted here"}
    assert going(PopPolicy(), entry("a", 0, deleted_here=True)) == {}


def test_the_word_of_the_user_is_above_the_policy() -> None:
    kept = entry("a", 99, wish=PopWish.KEEP, deleted_here=True)
    assert going(PopPolicy(keep_on_server=False, delete_when_deleted=True, keep_newest=0), kept) == {}
    assert going(PopPolicy(), entry("a", 0, wish=PopWish.REMOVE)) == {"a": "you asked for it"}
    assert staying(kept) == "you want it kept there"


@pytest.mark.parametrize("changed", [{"proof": Proof.PART}, {"stored": None}])
@pytest.mark.parametrize("wish", PopWish)
def test_what_is_not_here_whole_never_goes(changed: dict[str, object], wish: PopWish) -> None:
    every = PopPolicy(False, 0, True, 0, 0)
    one = entry("a", 99, wish=wish, deleted_here=True, **changed)
    assert going(every, one) == {}
    assert "stays there" in staying(one) or wish is PopWish.KEEP


def test_the_sentence() -> None:
    many = [entry(f"m{n}", 30) for n in range(1204)]
    removed = forecast(PopPolicy(keep_on_server=False), many, now=NOW).sentence()
    assert removed == "At the next check 1,204 messages will be removed from the server; all of them are stored here."
    one = forecast(PopPolicy(keep_newest=1203), many, now=NOW).sentence()
    assert one == "At the next check 1 message will be removed from the server; it is stored here."
    none = forecast(PopPolicy(), [*many, entry("gone", 0, state="gone")], now=NOW).sentence()
    assert none == "At the next check nothing will be removed from the server: 1,204 messages stay there."
    part = forecast(PopPolicy(keep_on_server=False), [many[0], entry("p", 0, proof=Proof.PART)], now=NOW).sentence()
    assert part.endswith("1 message of which only the beginning is here will stay there.")
    assert forecast(PopPolicy(), [], now=NOW).sentence().startswith("There is no mail")

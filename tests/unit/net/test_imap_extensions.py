"""What is offered, what was used, what is not trusted."""

import pytest

from qtmail.net.imap_extensions import PURPOSES, Ledger


def test_rev2_includes_what_it_does_not_say() -> None:
    ledger = Ledger({"IMAP4REV2"})
    assert ledger.use("MOVE")
    assert not ledger.use("QRESYNC")
    assert ledger.standing().used == ("MOVE",)


def test_what_is_announced_with_a_value() -> None:
    ledger = Ledger({"APPENDLIMIT=1000", "QUOTA=RES-STORAGE", "X=y"})
    assert ledger.usable("APPENDLIMIT")
    assert ledger.usable("QUOTA")
    assert ledger.value("APPENDLIMIT") == 1000
    assert ledger.value("X") is None
    assert Ledger({"APPENDLIMIT=" + "9" * 30}).value("APPENDLIMIT") is None


@pytest.mark.parametrize("name", PURPOSES)
def test_each_has_a_purpose_in_words_and_can_be_given_up(name: str) -> None:
    ledger = Ledger({name})
    assert ledger.use(name)
    ledger.give_up(name, "It lied.")
    assert not ledger.use(name)
    row = ledger.standing()[name]
    assert (row.advertised, row.used, row.trouble) == (True, False, "It lied.")
    assert row.purpose.endswith(".")


def test_others_are_listed_after_those_we_know() -> None:
    rows = Ledger({"IDLE", "X-ODD", "AUTH=PLAIN"}, ["move"]).standing().rows
    assert [row.name for row in rows[-2:]] == ["AUTH=PLAIN", "X-ODD"]
    assert not any(row.trouble for row in rows)

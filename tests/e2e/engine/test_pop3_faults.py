"""POP3 servers with faults: the bad message is left out, all others come, once; nothing goes that is not here."""

from dataclasses import replace

import pytest

from qtmail.model import PopPolicy
from tests.e2e.engine.conftest import Desktop, message
from tests.servers.odd_pop3 import OddPop3

REMOVE = PopPolicy(keep_on_server=False)


def five() -> dict[str, bytes]:
    return {f"u{n}": message(n, size=3000) for n in range(5)}


def stored(desktop: Desktop) -> list[bytes]:
    return sorted(desktop.mail.raw(row) for row in desktop.ids("Alice/INBOX"))


@pytest.mark.parametrize("pipelined", [True, False])
def test_an_endless_message_keeps_no_other_from_coming(desktop: Desktop, pipelined: bool) -> None:
    with OddPop3(five(), endless=frozenset({"u3"})) as server:
        if not pipelined:
            server.capabilities = ("TOP", "UIDL", "USER")
        sent = dict(server.mail)
        desktop.add(server.account(REMOVE))
        (problem,) = desktop.sync(good=False).problems
        assert "cannot be fetched" in problem.what
        assert stored(desktop) == sorted(raw for name, raw in sent.items() if name != "u3")
        assert list(server.mail) == ["u3"]
        server.endless = frozenset()
        desktop.sync()
        desktop.sync()
        assert stored(desktop) == sorted(sent.values())
        assert server.mail == {}
    desktop.verified()


def test_a_message_without_its_final_dot_comes_last_and_alone(desktop: Desktop) -> None:
    with OddPop3(five(), undotted=frozenset({"u2"})) as server:
        sent = dict(server.mail)
        desktop.add(server.account(REMOVE))
        desktop.sync(good=False)
        desktop.sync(good=False)
        assert stored(desktop) == sorted(raw for name, raw in sent.items() if name != "u2")
        assert "u2" in server.mail
        fetched = server.asked("RETR")
        for _ in range(4):
            desktop.sync(good=False)
        assert server.asked("RETR") - fetched <= 2  # ever more seldom
        assert list(server.mail) == ["u2"]
    desktop.verified()


def test_gone_between_list_and_retr(desktop: Desktop) -> None:
    with OddPop3(five(), gone=frozenset({"u1", "u2"})) as server:
        desktop.add(server.account())
        (problem,) = desktop.sync(good=False).problems
        assert "would not give 2 messages" in problem.what
        assert len(stored(desktop)) == 3


@pytest.mark.parametrize("unknown", [{"UIDL"}, {"UIDL", "TOP"}], ids=["no UIDL", "no UIDL, no TOP"])
def test_a_server_that_names_nothing(desktop: Desktop, unknown: set[str]) -> None:
    with OddPop3(five(), unknown=frozenset(unknown), capabilities=("USER",)) as server:
        sent = sorted(server.mail.values())
        desktop.add(server.account())
        assert desktop.sync().new == 5
        assert desktop.sync().new == 0
        server.mail = {"new": message(9)} | {"u4": server.mail["u4"]}  # other numbers, one new
        assert desktop.sync().new == 1
        assert stored(desktop) == sorted([*sent, message(9)])
        desktop.add(server.account(REMOVE))
        desktop.sync()
        assert server.mail == {}


def test_two_messages_of_one_name_are_two(desktop: Desktop) -> None:
    with OddPop3(five(), names={"u1": "same", "u2": "same"}) as server:
        sent = sorted(server.mail.values())
        desktop.add(server.account())
        assert desktop.sync().new == 5
        assert desktop.sync().new == 0
        del server.mail["u2"]  # now it is alone with the name
        assert desktop.sync().new == 0
        desktop.add(server.account(REMOVE))
        desktop.sync()
        assert server.mail == {}
        assert stored(desktop) == sent


def test_sizes_that_lie(desktop: Desktop) -> None:
    with OddPop3(five(), sizes={"u0": 1, "u1": 10_000_000, "u2": 0}) as server:
        sent = sorted(server.mail.values())
        desktop.add(server.account(REMOVE))
        desktop.sync()
        assert stored(desktop) == sent
        assert server.mail == {}
        assert server.asked("RETR") == 6  # the one that was announced larger was read again before it went


def test_what_comes_otherwise_the_second_time_is_kept_twice_and_not_deleted(desktop: Desktop) -> None:
    with OddPop3(five(), sizes={"u1": 10_000_000}) as server:
        account = server.account()
        desktop.add(account)
        desktop.sync()
        cut = server.mail["u1"]
        server.mail["u1"] = cut + b"The end, which a broken proxy had cut off.\r\n"
        desktop.add(replace(account, pop=REMOVE))
        desktop.sync()
        assert list(server.mail) == ["u1"]
        assert {cut, server.mail["u1"]} <= set(stored(desktop))


def test_a_quit_that_is_refused_closes_nothing(desktop: Desktop) -> None:
    with OddPop3(five(), quit_answer="-ERR some deleted messages not removed") as server:
        desktop.add(server.account(REMOVE))
        (problem,) = desktop.sync(good=False).problems
        assert "did not confirm" in problem.what
        assert {desktop.mail.pop(row).state for row in desktop.ids("Alice/INBOX")} == {"asked"}  # type: ignore[union-attr]
        server.quit_answer = "+OK"
        desktop.sync()
        assert server.mail == {}
        assert {desktop.mail.pop(row).state for row in desktop.ids("Alice/INBOX")} == {"deleted"}  # type: ignore[union-attr]


def test_a_name_used_again_is_another_message(desktop: Desktop) -> None:
    with OddPop3(five()) as server:
        desktop.add(server.account(REMOVE))
        desktop.sync()
        server.mail = {"u1": message(77, size=900)}
        assert desktop.sync().new == 1
        assert len(stored(desktop)) == 6
        assert server.mail == {}


def test_a_locked_maildrop_passes(desktop: Desktop) -> None:
    with OddPop3(five(), refused_login="-ERR [IN-USE] locked by another session") as server:
        desktop.add(server.account())
        (problem,) = desktop.sync(good=False).problems
        assert problem.retry
        assert "another program" in problem.what
        server.refused_login = ""
        assert desktop.sync().new == 5

"""What is made of fetched messages, in memory, from a file, and in the second process: the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.engine import workshop as workshop_module
from qtmail.engine.preparing import Prepared, prepare, prepare_file
from qtmail.engine.workshop import Workshop
from qtmail.errors import StoreError
from qtmail.store.content import Content, hash_of
from tests.unit.mime.samples import names, raw

NOW = 1_790_000_000


@pytest.fixture
def content(tmp_path: Path) -> Iterator[Content]:
    opened = Content(tmp_path / "content.db")
    yield opened
    opened.close()


@pytest.fixture
def workshop(content: Content) -> Iterator[Workshop]:
    made = Workshop(content, much=1)
    yield made
    made.close()


def samples() -> list[bytes]:
    return [raw(name) for name in names()]


def expected(tmp_path: Path) -> list[Prepared]:
    other = Content(tmp_path / "other.db")
    try:
        return prepare(other, samples(), now=NOW)
    finally:
        other.close()


def test_a_file_gives_what_memory_gives(content: Content, tmp_path: Path) -> None:
    wanted = expected(tmp_path)
    for number, message in enumerate(samples()):
        file = content.spool() / f"fetched-{number}"
        file.write_bytes(message)
        assert prepare_file(content, file, hash_of(message), now=NOW) == wanted[number]
        assert content.get(hash_of(message)) == message


def test_the_second_process_gives_the_same_in_order(content: Content, workshop: Workshop, tmp_path: Path) -> None:
    wanted = expected(tmp_path)
    with workshop.open(1000):
        tickets = [workshop.prepare([message], now=NOW) for message in samples()]
        tickets.append(workshop.prepare(samples(), now=NOW))
        tickets.append(workshop.prepare([], now=NOW))
        *single, whole, nothing = [list(ticket()) for ticket in tickets]
    assert [one for batch in single for one in batch] == wanted
    assert whole == wanted
    assert nothing == []
    assert all(content.get(one.content) == message for one, message in zip(wanted, samples(), strict=True))


@pytest.mark.expects_log
def test_what_a_process_that_dies_owes_is_done_here(
    content: Content, workshop: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dies = "import sys; sys.stdin.buffer.read(1)"
    monkeypatch.setattr(workshop_module, "command", lambda _content: [workshop_module.sys.executable, "-c", dies])
    with workshop.open(1000):
        tickets = [workshop.prepare(samples(), now=NOW) for _ in range(3)]
        assert [list(ticket()) for ticket in tickets] == [expected(tmp_path)] * 3
    assert content.has(hash_of(samples()[0]))


@pytest.mark.expects_log
def test_a_process_that_cannot_start_is_done_without(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(workshop_module, "command", lambda _content: [str(tmp_path / "nothing")])
    with workshop.open(1000):
        assert list(workshop.prepare(samples(), now=NOW)()) == expected(tmp_path)


def test_what_the_store_says_there_is_said_here(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    full = """
import sys
from qtmail.engine import preparing_process as p
p.Content.keep = lambda self, packed: (_ for _ in ()).throw(p.StoreError("Full.", hint="Make room.", retry=True))
sys.exit(p.main(sys.argv[1]))
"""
    monkeypatch.setattr(
        workshop_module, "command", lambda content: [workshop_module.sys.executable, "-c", full, str(content.path)]
    )
    with workshop.open(1000), pytest.raises(StoreError, match="Full") as error:
        workshop.prepare(samples(), now=NOW)()
    assert (error.value.hint, error.value.retry) == ("Make room.", True)


def test_little_work_starts_no_process(content: Content, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(workshop_module, "_start", lambda _content: pytest.fail("a process was started"))
    small = Workshop(content)
    with small.open(20):
        assert list(small.prepare(samples(), now=NOW)()) == expected(tmp_path)
    small.close()

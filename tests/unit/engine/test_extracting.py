"""Reading attachments in a process of its own: hostile ones cost that process, never the words of the others."""

import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from qtmail.engine import extracting
from qtmail.engine.attachment_loop import AttachmentLoop
from qtmail.engine.extracting import Extractor, read_some
from qtmail.engine.indexing import new_messages
from qtmail.events import AttachmentsRead, Event
from qtmail.model import LOCAL, MessageId, RowId
from qtmail.paths import Profile
from qtmail.store import add, attachments, folders, grace, search, verify
from qtmail.store.db import Store

NOW = 1_700_000_000


def mail(number: int, **files: bytes) -> bytes:
    """A message with these attachments ("__" for the dot)."""
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = "Ann <ann@example.test>", f"Mail {number}", f"<{number}@x.test>"
    made.set_content(f"body{number}")
    for name, data in files.items():
        made.add_attachment(data, "application", "octet-stream", filename=name.replace("__", "."))
    return made.as_bytes()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(Profile(tmp_path / "p").create())
    yield made
    made.close()


def filled(store: Store, *raws: bytes) -> tuple[RowId, ...]:
    kept = new_messages(store.content, raws, now=NOW)
    with store.transaction("test") as tx:
        inbox = folders.ensure_folder(tx, LOCAL, "Box")
        return add.add_messages(tx, inbox, kept, now=NOW)


def found(store: Store, typed: str) -> list[int]:
    return list(search.search(store.read(), typed))


def problems(store: Store) -> dict[str, str]:
    every = attachments.of_messages(store.read(), store.read().column("SELECT id FROM message"))
    return {part.name: part.problem for parts in every.values() for part in parts}


def test_what_is_attached_is_found_with_what_is_written(store: Store) -> None:
    plan, other, plain = filled(
        store,
        mail(1, plan__txt="Ångström zebra".encode(), bad__docx=b"PK nothing", picture__jpg=b"\xff\xd8"),
        mail(2, note__txt=b"okapi"),
        mail(3),
    )
    assert attachments.left(store.read()) == 2
    with Extractor() as extractor:
        assert read_some(store, extractor) == 2
        assert read_some(store, extractor) == 0
    assert attachments.left(store.read()) == 0
    assert found(store, "angstrom body1") == [plan]
    assert found(store, "body1 -zebra") == []
    assert set(found(store, "zebra OR okapi OR body3")) == {plan, other, plain}
    assert found(store, "subject:zebra") == []
    assert problems(store) == {"plan.txt": "", "bad.docx": "it is damaged, or locked by a password", "note.txt": ""}
    assert verify.verify(store).problems == ()
    assert grace.collect(store, now=2_500_000_000).contents == 0  # the words of two attachments are in use


def test_one_that_takes_too_long_costs_only_itself(store: Store) -> None:
    (row,) = filled(store, mail(1, slow__txt=b"zebra"))
    with Extractor(longest_s=0.0) as hurried:  # its process cannot even have started
        assert read_some(store, hurried) == 1
    assert problems(store) == {"slow.txt": "it takes too long"}
    assert found(store, "body1") == [row]
    assert found(store, "zebra") == []


def test_a_process_that_dies_is_replaced(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(store, mail(1, a__txt=b"zebra"))
    with monkeypatch.context() as broken:
        broken.setattr(extracting, "command", lambda: ["false"])
        with Extractor() as extractor:
            read_some(store, extractor)
            broken.undo()
            filled(store, mail(2, b__txt=b"okapi"))
            read_some(store, extractor)
    assert problems(store) == {"a.txt": "it takes too much time or memory", "b.txt": ""}


def test_what_brings_the_program_down_is_given_up(store: Store) -> None:
    filled(store, mail(1, a__txt=b"zebra"))
    for _ in range(attachments.MAX_ATTEMPTS):
        (one,) = attachments.wanted(store.read(), 10)
        with store.transaction("begin") as tx:
            attachments.begin(tx, [one.message])
    assert attachments.wanted(store.read(), 10) == []
    assert attachments.left(store.read()) == 0
    assert attachments.unreadable(store.read()) == 1


def test_stopping_in_the_middle_gives_back(store: Store) -> None:
    filled(store, mail(1, a__txt=b"zebra"))
    extractor = Extractor()
    text = extractor.text

    def stopped(*given: object) -> object:
        extractor.close()
        return text(*given)  # type: ignore[arg-type]

    extractor.text = stopped  # type: ignore[method-assign, assignment]
    with extractor:
        assert read_some(store, extractor) == 0
    assert store.read().column("SELECT attempts FROM attachment_wanted") == [0]
    with Extractor() as another:
        assert read_some(store, another) == 1
    assert len(found(store, "zebra")) == 1


def test_the_loop_reads_what_comes_when_there_is_nothing_better(store: Store) -> None:
    heard: list[Event] = []
    told = threading.Event()
    asked = threading.Event()
    busy = True

    def emit(event: Event) -> None:
        heard.append(event)
        told.set()

    def is_busy() -> bool:
        asked.set()
        return busy

    filled(store, mail(1, a__txt=b"zebra"))
    loop = AttachmentLoop(store, emit, is_busy)
    thread = threading.Thread(target=loop.run)
    thread.start()
    try:
        assert asked.wait(30)
        assert heard == []
        busy = False
        loop.wake()
        assert told.wait(30)
        assert heard == [AttachmentsRead(0)]
    finally:
        loop.stop()
        thread.join(30)
    assert not thread.is_alive()


def test_indexing_again_leaves_one(store: Store) -> None:
    (row,) = filled(store, mail(1, a__txt=b"zebra"))
    with Extractor() as extractor:
        read_some(store, extractor)
    (message,) = store.read().column("SELECT id FROM message")
    whole = [search.Indexed(MessageId(message), *extracting.read(mail(1), NOW))]
    for _ in range(2):
        with store.transaction("again") as tx:
            search.index(tx, whole)
        assert found(store, "body1") == [row]
        assert found(store, "zebra") == []

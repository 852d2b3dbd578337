"""Repairing the store: what store/mending puts right, and the full-text index read anew from the content."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from qtmail.engine.preparing import read as read_message
from qtmail.errors import StoreBusy, StoreDamaged, StoreError
from qtmail.model import ContentHash, MessageId
from qtmail.store import mending, search, verify
from qtmail.store.db import Store

Progress = Callable[[int, int], None]
_BATCH = 100


def repair(store: Store, *, now: int, progress: Progress = lambda done, total: None) -> tuple[str, ...]:
    """Put right what can be -> what was done, in sentences, and what could not be. `progress` may raise to end it
    between two steps; everything done so far holds, and the next time goes on.

    Raises StoreDamaged where the file itself is damaged: then only rescuing helps.
    """
    done: list[str] = []
    broken, broken_index = verify.damage(store)
    if broken:
        if not mending.sql_indexes(store):
            raise StoreDamaged(
                "The database file is damaged in a way that cannot be repaired in place.",
                hint="Close qtmail, then run “qtmail verify --rescue DIR”: what is only here is saved.",
            )
        done.append("The tables' indexes were built anew.")
    done += _counted(mending.homeless(store, now=now), "Messages that were in no folder, put into “Found again”")
    done += _counted(mending.dates(store), "Messages listed under their own date again")
    done += _counted(mending.conversations(store), "Conversations that show their newest message again")
    done += _counted(mending.operations(store, now=now), "Changes that were done already, closed")
    done += list(_contents(store, progress))
    done += _counted(mending.wishes(store), "Message texts that nobody fetched, fetched at the next check")
    if broken_index:
        mending.empty_indexes(store)
        done.append("The search index was damaged and is read anew.")
    done += _counted(mending.strays(store), "Messages that are gone, taken out of the search index")
    done += _counted(_index(store, now, progress), "Messages found by search again")
    done += _counted(mending.counts(store), "Folders whose counts are right again")
    return tuple(done)


def _contents(store: Store, progress: Progress) -> Iterator[str]:
    """Read and hash everything; what is gone or damaged is asked for again."""
    total = int(store.read().value("SELECT count(*) FROM message"))
    again = 0
    for checked, (message, content) in enumerate(verify.each_content(store.read()), 1):
        if checked % _BATCH == 0:
            progress(checked, total)
        try:
            store.content.get(content)
        except StoreBusy:
            raise
        except StoreError as error:
            if mending.refetch(store, MessageId(message), ContentHash(content)):
                again += 1
            else:
                yield f"Message {message} cannot be repaired, because no server has it: {error}"
    yield from _counted(again, "Damaged messages, fetched again at the next check")


def _index(store: Store, now: int, progress: Progress) -> int:
    """Index what search does not find, from its content -> how many."""
    total = int(store.read().value("SELECT count(*) FROM message"))
    done = 0
    for batch in _batches(list(mending.unindexed(store.read()))):
        found = []
        for message, content in batch:
            try:
                found.append(search.Indexed(message, *read_message(store.content.get(content), now)))
            except StoreBusy:
                raise
            except StoreError:
                continue  # said by `_contents`
        with store.transaction("index again") as tx:
            search.unindex(tx, [one.message for one in found])
            search.index(tx, found)
        done += len(found)
        progress(done, total)
    return done + _index_headers(store, now)


def _index_headers(store: Store, now: int) -> int:
    done = 0
    for batch in _batches(mending.bare(store.read())):
        with store.transaction("index headers again") as tx:
            search.index_headers(tx, [search.Indexed(id_, read_message(header, now)[0]) for id_, header in batch])
        done += len(batch)
    return done


def _batches(items: "Iterable[tuple[MessageId, bytes]]") -> "Iterator[list[tuple[MessageId, ContentHash]]]":
    source = iter(items)
    while batch := list(islice(source, _BATCH)):
        yield [(id_, ContentHash(value)) for id_, value in batch]


def _counted(number: int, what: str) -> list[str]:
    """“Folders whose counts are right again: 3.”"""
    return [f"{what}: {number:,}."] if number else []

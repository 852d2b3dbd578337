"""Conversations: opening a folder as a list of them, what a screen of it reads, and finding those of older mail."""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from qtmail.engine.mail import Mail
from qtmail.model import RowId
from qtmail.store import threads
from qtmail.store.db import Store
from qtmail.ui.message_list import threaded
from qtmail.ui.message_list.listing import Query
from tests.bench.scale_figures import Figure, at_least, at_most, ms
from tests.bench.scale_store import Corpus

SCREEN = 40


def conversations(corpus: Corpus, rounds: int) -> Iterator[Figure]:
    """What the window's reading thread does for a list, and the window's own for what is in sight."""
    bound = 50 if corpus.count < 1_000_000 else 150
    mail = Mail(corpus.profile)
    query = Query((corpus.inbox,), conversations=True)
    now = datetime.now()
    first, first_cpu = _median(rounds, lambda: threaded.begin(mail, query, now))
    whole, whole_cpu = _median(rounds, lambda: threaded.read(mail, query, now))
    heads = [RowId(row) for row in mail.conversation_ids(query.folders)]
    step = max(len(heads) // 50, 1)
    spots = iter([heads[at : at + SCREEN] for at in range(0, len(heads), step)] * 2)
    screen, screen_cpu = _median(50, lambda: mail.conversations(next(spots), query.folders))
    yield Figure(
        "conversations: first page", _times(first, first_cpu), ms(bound), at_most(bound, first * 1e3, first_cpu * 1e3)
    )
    yield Figure(f"  all {len(heads):,} of them", _times(whole, whole_cpu))
    yield Figure(f"  what {SCREEN} lines say", _times(screen, screen_cpu), ms(16), at_most(16, screen * 1e3))
    mail.close()
    rate = _catch_up(corpus)
    yield Figure("  older mail threaded (cpu)", f"{rate:,.0f}/s", "20,000/s", at_least(20_000, rate))


def _times(wall: float, processor: float) -> str:
    return f"{ms(wall * 1e3)} ({ms(processor * 1e3)} cpu)"


def _median(rounds: int, act: Callable[[], object]) -> tuple[float, float]:
    """-> seconds, and those of the processor."""
    walls, processors = [], []
    for _ in range(rounds):
        began, spent = time.perf_counter(), time.process_time()
        act()
        walls.append(time.perf_counter() - began)
        processors.append(time.process_time() - spent)
    return statistics.median(walls), statistics.median(processors)


def _catch_up(corpus: Corpus) -> float:
    """Messages a second, in the steps of the background, as after the migration of a database without any."""
    store = Store.open(corpus.profile, slow=60)
    with store.transaction("as before") as tx:
        tx.run("UPDATE message SET thread = 0")
        for table in ("thread_node", "thread_tangle", "conversation"):
            tx.run(f"DELETE FROM {table}")
        tx.run("UPDATE thread_state SET below = (SELECT max(id) + 1 FROM message)")
    began, done = time.process_time(), 0
    while True:
        with store.transaction("conversations") as tx:
            found = threads.catch_up(tx)
        done += found
        if not found:
            break
    spent = time.process_time() - began
    store.close()
    return done / spent

"""Everything with 100,000 messages (--million: 1,000,000; --quick: 10,000): a table with the bound of each figure.

One function a measurement; add yours to MEASUREMENTS. A time is kept when the wall clock keeps its bound; "cpu" says
that only the processor time does: other programs were busy meanwhile.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.bench import scale_conversations, scale_import, scale_search
from tests.bench.scale_figures import Figure, at_most, ms, table
from tests.bench.scale_store import Corpus, fill
from tests.bench.window import probe

MILLION = 1_000_000
SIZES = {"quick": 10_000, "usual": 100_000, "million": MILLION}


def run(rounds: int, *, size: str) -> None:
    """`size`: of SIZES."""
    with tempfile.TemporaryDirectory(prefix="qtmail-scale-") as work:
        corpus = fill(Path(work), SIZES[size])
        print(f"{corpus.count:,} messages, {corpus.octets / 1e6:,.0f} MB", flush=True)
        for measurement in MEASUREMENTS:
            for line in table(measurement(corpus, rounds)):
                print(line, flush=True)


def _big(corpus: Corpus, usual: float, million: float) -> float:
    """The bound for this many messages."""
    return million if corpus.count >= MILLION else usual


def start(corpus: Corpus, rounds: int) -> Iterator[Figure]:
    """From the process's first moment to a painted list; the memory it then has, WebEngine not loaded."""
    runs = [probe("start_probe", str(corpus.profile.root)) for _ in range(rounds)]
    seconds, processor, megabytes = (
        statistics.median(run[what] for run in runs) for what in ("seconds", "processor", "megabytes")
    )
    bound = _big(corpus, 0.7, 1.2)
    yield Figure("window start to a usable list", f"{seconds:.2f} s ({processor:.2f} s cpu)", f"{bound} s",
                 at_most(bound, seconds, processor))  # fmt: skip
    bare = statistics.median(probe("bare_table", str(corpus.profile.root))["processor"] for _ in range(rounds))
    yield Figure("  a bare table over the same file", f"({bare:.2f} s cpu)")
    yield Figure("memory of the window", f"{megabytes:.0f} MB", "120 MB", at_most(120, megabytes))


def lists(corpus: Corpus, rounds: int) -> Iterator[Figure]:
    """A folder opened, scrolled, sorted, grouped and filtered in the window."""
    runs = [probe("scale_probe", str(corpus.profile.root)) for _ in range(rounds)]

    def median(what: str) -> float:
        return statistics.median(run[what] for run in runs)

    def time(what: str, key: str, bound: float) -> Figure:
        wall, processor = median(key), median(f"{key}_cpu")
        return Figure(what, f"{ms(wall)} ({ms(processor)} cpu)", ms(bound), at_most(bound, wall, processor))

    yield time("open a folder to its first rows", "first", _big(corpus, 50, 150))
    yield time("  longest block of the window's thread", "blocked", 50)
    yield Figure("  the whole list is there after", ms(median("whole")))
    yield time("scroll, p99 of a frame", "scroll", 20)
    yield time("mail arrives in the open folder: longest block", "arrive", 50)
    yield time("sort by correspondent: longest block", "sort", 50)
    yield Figure("  sorted after", ms(median("sorted")))
    yield Figure("quick filter: unread, first rows after", ms(median("unread")))
    yield Figure("  no attachment and a name, first rows after", ms(median("words")))
    yield time("  longest block of the window's thread", "filter", 50)


def engine_memory(corpus: Corpus, _rounds: int) -> Iterator[Figure]:
    """The engine process over this store, started by the window's link, when it is ready and quiet."""
    megabytes = probe("scale_engine_probe", str(corpus.profile.root))["megabytes"]
    yield Figure("memory of the engine", f"{megabytes:.0f} MB", "250 MB", at_most(250, megabytes))


Measurement = Callable[[Corpus, int], Iterable[Figure]]

MEASUREMENTS: tuple[Measurement, ...] = (
    start,
    lists,
    scale_conversations.conversations,
    engine_memory,
    scale_search.as_you_type,
    scale_search.best_and_counts,
    scale_search.attachments,
    scale_search.index_beside_notmuch,
    scale_import.mbox,
)

"""Search as you type, and the index, beside notmuch on the same mail."""

import io
import random
import shutil
import statistics
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from email.message import EmailMessage
from html import escape
from pathlib import Path

import apsw

from qtmail.engine.mail import Mail
from qtmail.model import LOCAL, RowId
from qtmail.paths import Profile
from tests.bench.scale_corpus import Words, messages
from tests.bench.scale_figures import Figure, at_most, ms
from tests.bench.scale_store import Corpus

QUERIES = 40
"""Of each kind."""
SHOWN = 60
"""Rows of the first screen."""
ATTACHED = 300
"""Messages with a document."""
MOST_FOR_NOTMUCH = 100_000
"""It keeps a file a message."""


def _queries(words: Words) -> dict[str, list[tuple[str, str]]]:
    """Kind -> (ours, notmuch's) of each query: words often and seldom, as they are typed."""
    dice = random.Random(7)
    common = [word for word in words.words[:3000] if word.isascii() and len(word) > 3]

    def some(make: Callable[[], tuple[str, str]]) -> list[tuple[str, str]]:
        return [make() for _ in range(QUERIES)]

    def word() -> tuple[str, str]:
        chosen = common[int(len(common) * dice.random() ** 2)]
        return f"{chosen} ", chosen

    def prefix() -> tuple[str, str]:
        chosen = dice.choice(common)[: dice.choice((2, 3, 4))]
        return chosen, f"{chosen}*"

    def phrase() -> tuple[str, str]:
        pair = " ".join(dice.choice(words.sentences).rstrip(".。").split()[:3])
        return f'"{pair}"', f'"{pair}"'

    def author() -> tuple[str, str]:
        name = words.people[int(len(words.people) * dice.random() ** 3)][0].split()
        return f"from:{name[-1]}", f"from:{name[-1]}"

    def span() -> tuple[str, str]:
        year = dice.randrange(2008, 2026)
        return f"after:{year - 1} before:{year + 1}", f"date:{year}..{year}"

    def combined() -> tuple[str, str]:
        ours, theirs = dice.choice((word, author))()
        year = dice.randrange(2010, 2026)
        more = dice.choice(
            (
                (f"after:{year - 1}", f"date:{year}.."),
                ("is:unread", "tag:unread"),
                ("has:attachment", "tag:attachment"),
                ("in:inbox", "tag:inbox"),
                (f"before:{year}", f"date:..{year - 1}"),
            )
        )
        return f"{ours} {more[0]} ", f"{theirs} and {more[1]}"

    return {
        "word": some(word),
        "prefix": some(prefix),
        "phrase": some(phrase),
        "from:": some(author),
        "date range": some(span),
        "combined": some(combined),
    }


def as_you_type(corpus: Corpus, _rounds: int) -> Iterator[Figure]:
    """Each query from the text to the rows of the first screen; notmuch's own start is not counted."""
    peer = _Notmuch(corpus) if shutil.which("notmuch") and corpus.count <= MOST_FOR_NOTMUCH else None
    bound = 50.0 if corpus.count <= MOST_FOR_NOTMUCH else 150.0
    with closing(Mail(corpus.profile)) as mail:
        _ask(mail, "warm")
        for kind, queries in _queries(corpus.words).items():
            wall, processor = [], []
            for ours, _ in queries:
                before, began = time.process_time(), time.perf_counter()
                _ask(mail, ours)
                wall.append((time.perf_counter() - began) * 1000)
                processor.append((time.process_time() - before) * 1000)
            p50, p95 = statistics.median(wall), _p95(wall)
            beside = ""
            if peer is not None:
                theirs = [peer.ask(query) for _, query in queries]
                beside = f", notmuch {ms(statistics.median(theirs))}/{ms(_p95(theirs))}"
            value = f"{ms(p50)}/{ms(p95)}{beside}"
            yield Figure(f"search {kind}, p50/p95", value, ms(bound), at_most(bound, p95, _p95(processor)))


def best_and_counts(corpus: Corpus, _rounds: int) -> Iterator[Figure]:
    """The best of the newest 1,000 first, and the unread ones of a saved search counted."""
    queries = [ours for kind, pairs in _queries(corpus.words).items() if kind != "date range" for ours, _ in pairs]
    with closing(Mail(corpus.profile)) as mail:
        for what, act in (
            ("search, best first", lambda query: mail.search(query, best=True)),
            ("saved search, counted", lambda query: mail.search_count(query)),
        ):
            times = []
            for query in queries:
                began = time.process_time()
                act(query)
                times.append((time.process_time() - began) * 1000)
            yield Figure(f"{what}, p50/p95 (cpu)", f"{ms(statistics.median(times))}/{ms(_p95(times))}")


def attachments(corpus: Corpus, _rounds: int) -> Iterator[Figure]:
    """How fast attached texts are read, in their own process, and indexed with the message they came with."""
    profile = Profile(corpus.work / "attached").create()
    raws = [_with_report(corpus.words, number) for number in range(ATTACHED)]
    with closing(Mail(profile)) as mail:
        folder = mail.create_folder(LOCAL, "Attached")
        assert folder.gesture is not None
        path = corpus.work / "attached.mbox"
        path.write_bytes(b"".join(b"From x@y Mon Jan  1 00:00:00 2024\n" + raw + b"\n" for raw in raws))
        mail.import_messages(path, mail.folder_named("Local/Attached").id)
        began = time.perf_counter()
        left = mail.read_attachments()
        rate = (ATTACHED - left) / (time.perf_counter() - began)
    yield Figure("attachments read (docx, 20 KB of text)", f"{rate:,.0f}/s")


def _with_report(words: Words, number: int) -> bytes:
    dice = random.Random(number)
    text = " ".join(dice.choice(words.words) for _ in range(3000))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f'<w:d xmlns:w="w"><w:p><w:t>{escape(text)}</w:t></w:p></w:d>')
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = "a@b.example", f"Report {number}", f"<r{number}@b.example>"
    made.set_content("See the report.")
    made.add_attachment(file.getvalue(), "application", "octet-stream", filename=f"report{number}.docx")
    return made.as_bytes()


def _ask(mail: Mail, query: str) -> None:
    mail.rows([RowId(row) for row in mail.search(query)[:SHOWN]])


def _p95(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def index_beside_notmuch(corpus: Corpus, _rounds: int) -> Iterator[Figure]:
    """How large the index is; how fast notmuch makes its own (ours: see the import)."""
    share = _index_octets(corpus.profile.facts) / corpus.octets
    yield Figure("index beside the raw mail", f"{share:.2f}", "0.35", at_most(0.35, share))
    if shutil.which("notmuch") and corpus.count <= MOST_FOR_NOTMUCH:
        peer = _Notmuch(corpus)
        yield Figure("  notmuch's index", f"{peer.octets / corpus.octets:.2f}")
        yield Figure("  notmuch indexes", f"{corpus.count / peer.seconds:,.0f} messages/s")


def _index_octets(facts: Path) -> int:
    with closing(apsw.Connection(str(facts), flags=apsw.SQLITE_OPEN_READONLY)) as sqlite:
        found = sqlite.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'search%'").fetchall()
    return int(found[0][0] or 0)


class _Notmuch:
    """The same mail as a Maildir, indexed once for all who ask."""

    def __init__(self, corpus: Corpus) -> None:
        self._root = corpus.work / "notmuch"
        self._config = self._root / "config"
        if not self._root.exists():
            self._fill(corpus)
        self.seconds = float((self._root / "seconds").read_text())
        self.octets = sum(file.stat().st_size for file in (self._root / "mail/.notmuch").rglob("*") if file.is_file())
        self._start = statistics.median(self._timed("id:none") for _ in range(5))

    def ask(self, query: str) -> float:
        """Milliseconds to the newest messages of a screen."""
        return max(self._timed(query) - self._start, 0.0)

    def _timed(self, query: str) -> float:
        began = time.perf_counter()
        self._run("search", "--output=messages", "--sort=newest-first", f"--limit={SHOWN}", query)
        return (time.perf_counter() - began) * 1000

    def _fill(self, corpus: Corpus) -> None:
        folder = self._root / "mail"
        for part in ("cur", "new", "tmp"):
            (folder / "INBOX" / part).mkdir(parents=True)
        self._config.write_text(
            f"[database]\npath={folder}\n[user]\nname=Alice\nprimary_email=alice@scale.example\n"
            "[new]\ntags=unread;inbox;\n[maildir]\nsynchronize_flags=true\n"
        )
        for number, made in enumerate(messages(corpus.words, corpus.count)):
            seen = "S" if "\\Seen" in made.flags else ""
            (folder / "INBOX/cur" / f"{number}.bench:2,{seen}").write_bytes(made.raw)
        began = time.perf_counter()
        self._run("new", "--quiet")
        (self._root / "seconds").write_text(str(time.perf_counter() - began))

    def _run(self, *arguments: str) -> None:
        command = ["notmuch", f"--config={self._config}", *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=3600)

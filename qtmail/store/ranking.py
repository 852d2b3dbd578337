"""The best of what was found first: by FTS5's bm25 where few messages match, else by where the words stand.

bm25 looks at every message that has the words (183 ms for a common one among a million), so it is asked only where
there are few. Of many, the newest that are listed are ordered by what their list line shows: subject, names, preview.
"""

from qtmail.store.connection import Reader, listed
from qtmail.store.query import Marks, Query

_TABLES = ("search", "search_header", "search_file")
_WEIGHTS = (10.0, 6.0, 3.0, 1.0, 5.0)
"""Of a word in subject, sender, recipients, body, names of attachments."""
_ATTACHED = 0.7
_COLUMNS = ("subject", "sender", "recipients", "body")


def ranked(reader: Reader, wanted: Query, messages: list[int], *, few: bool) -> list[int]:
    """These, the best first; equal ones in the order given. `few`: not many match at all."""
    best = _bm25(reader, wanted.match) if few else _by_place(reader, wanted, messages)
    return sorted(messages, key=lambda message: best.get(message, 0.0))


def _bm25(reader: Reader, match: str) -> dict[int, float]:
    """Lower is better."""
    ranks: dict[int, float] = {}
    for table in _TABLES:
        weights = ", ".join(map(str, (*_WEIGHTS, _ATTACHED) if table == "search_file" else _WEIGHTS))
        sql = f"SELECT rowid, bm25({table}, {weights}) FROM {table} WHERE {table} MATCH ?"  # noqa: S608 - the names above
        for message, rank in reader.all(sql, match):
            ranks[message] = min(rank, ranks.get(message, 0.0))
    return ranks


def _by_place(reader: Reader, wanted: Query, messages: list[int]) -> dict[int, float]:
    marks = Marks(wanted.words)
    ranks: dict[int, float] = {}
    for message, *texts in reader.all(
        """
        SELECT id, subject, from_name || ' ' || from_addr, to_names, preview FROM message
        WHERE id IN (SELECT value FROM json_each(?))
        """,
        listed(messages),
    ):
        pairs = zip(_COLUMNS, texts, _WEIGHTS, strict=False)
        ranks[message] = -sum(weight for column, text, weight in pairs if marks.has(text, column))
    return ranks

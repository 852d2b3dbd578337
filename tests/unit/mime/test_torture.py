"""Nothing fails to open. QTMAIL_TORTURE names another number of mails than the usual one."""

import os
import time
import traceback
from collections.abc import Iterable

import pytest

from qtmail.mime import quote
from qtmail.mime.address import display_list
from qtmail.mime.html import document, sanitise
from qtmail.mime.parse import header_block, parse, part_bytes
from qtmail.mime.summary import parse_headers, summarise
from tests.unit.mime.torture import made, mails

COUNT = int(os.environ.get("QTMAIL_TORTURE", "1600"))
SEEDS = 4
SECONDS = 6.0
"""For one mail, of this process's own time. The slowest takes 0.8; what grows with the square of its size, minutes."""


def open_it(raw: bytes) -> None:
    """All that opening, answering and listing a mail does."""
    message = parse(raw)
    safe = sanitise(message.html, cids=frozenset(part.content_id for part in message.parts))
    assert "\0" not in document(safe, title=message.subject)
    assert "\n" not in message.subject
    facts = summarise(raw)
    assert facts.facts.subject == message.subject
    assert facts.facts.from_ == message.from_
    assert parse_headers(raw).message_id == message.message_id
    for part in message.parts[:20]:
        # Of broken base64 the size is a guess.
        assert abs(len(part_bytes(raw, part.index)) - part.size) <= 64 + part.size // 10
    header_block(raw)
    display_list(message.to[:50])
    quote.reply(message, to_all=True, own=(), html=False)
    (message.subject + message.text + message.html + " ".join(message.notes)).encode("utf-8")


def failures(raws: Iterable[bytes]) -> list[str]:
    """What went wrong with which."""
    found: list[str] = []
    for number, raw in enumerate(raws):
        start = time.process_time()
        try:
            open_it(raw)
        except Exception as error:
            found.append(f"mail {number}: {error!r} at {traceback.extract_tb(error.__traceback__)[-1]}: {raw[:300]!r}")
        if (took := time.process_time() - start) > SECONDS:
            found.append(f"mail {number} took {took:.2f} s: {raw[:200]!r}")
    return found


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_was_broken_on_the_way(seed: int) -> None:
    assert failures(mails(COUNT // SEEDS, seed)) == []


def test_what_no_program_would_write() -> None:
    assert failures(made()) == []

"""Mail to measure with: the same for the same seed, real-looking in size, structure and words."""

import base64
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

_VOCABULARY = """
garden letter winter summer train window coffee paper river market bridge kitchen music morning
evening holiday report meeting budget contract invoice delivery question answer project schedule
draft review version customer station ticket journey mountain harbour island village city street
corner library museum theatre concert picture über straße façade naïve señor København Zürich Łódź
Praha Αθήνα Москва 東京 大阪 서울 مرحبا
"""
_WORDS = _VOCABULARY.split()
_NAMES = ("Alma Berg", "Bo Lindqvist", "Chiara Neri", "David Okafor", "Émile Dubois", "Fatima Haddad", "Gül Yılmaz")
_NEWEST = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def messages(count: int, mean_size: int, seed: int = 1) -> Iterator[bytes]:
    """`count` messages, oldest first, of about `mean_size` octets on average (log-normal, as mailboxes are)."""
    dice = random.Random(seed)
    for number in range(count):
        wanted = min(int(dice.lognormvariate(0, 0.9) * mean_size * 0.6), mean_size * 20)
        yield _message(dice, number, count, max(wanted, 900))


def _message(dice: random.Random, number: int, count: int, size: int) -> bytes:
    name = dice.choice(_NAMES)
    subject = " ".join(dice.choices(_WORDS[:48], k=dice.randint(2, 8))).capitalize()
    reply = f"<m{dice.randrange(max(number, 1))}@bench.example>"
    head = (
        f"Return-Path: <list@bench.example>\r\nReceived: from mx.bench.example by mail.example.test; "
        f"{format_datetime(_NEWEST)}\r\n"
        f"From: {name.encode().decode('ascii', 'ignore')} <{name.split()[0].lower().encode('ascii', 'ignore').decode()}"
        f"@bench.example>\r\nTo: Alice <alice@example.test>\r\nSubject: {subject}\r\n"
        f"Date: {format_datetime(_NEWEST - timedelta(minutes=count - number))}\r\n"
        f"Message-ID: <m{number}@bench.example>\r\n"
        + (f"In-Reply-To: {reply}\r\nReferences: {reply}\r\n" if number % 3 else "")
        + "MIME-Version: 1.0\r\n"
    )
    text = _prose(dice, min(size, 6000) if size > 12000 else size - 600)
    if size < 4000 or (number % 4 == 0 and size < 12000):
        return (
            head + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        ).encode() + text
    html = (
        b"<html><body><table><tr><td><p>"
        + text.replace(b"\r\n\r\n", b"</p>\r\n<p>")
        + b"</p></td></tr></table></body></html>"
    )
    alternative = (
        b'Content-Type: multipart/alternative; boundary="alt"\r\n\r\n--alt\r\n'
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + text + b"\r\n--alt\r\nContent-Type: text/html; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + html + b"\r\n--alt--\r\n"
    )
    rest = size - len(alternative) - 900
    if rest < 4000:
        return head.encode() + alternative
    attachment = base64.encodebytes(dice.randbytes(rest * 3 // 4)).replace(b"\n", b"\r\n")
    return (
        head.encode()
        + b'Content-Type: multipart/mixed; boundary="mix"\r\n\r\n--mix\r\n'
        + alternative
        + b'--mix\r\nContent-Type: application/octet-stream; name="scan.bin"\r\n'
        b'Content-Disposition: attachment; filename="scan.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + attachment
        + b"--mix--\r\n"
    )


def _prose(dice: random.Random, size: int) -> bytes:
    lines: list[bytes] = []
    length = 0
    while length < size:
        line = " ".join(dice.choices(_WORDS, k=11)).encode() + (b".\r\n\r\n" if dice.random() < 0.15 else b"\r\n")
        lines.append(line)
        length += len(line)
    return b"".join(lines)

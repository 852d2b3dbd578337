"""Mails to be read: newsletters of 100 KB as shops send them, notes, giants, a thread; the same every time."""

import base64
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

_NEWEST = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
_TEXT = "garden letter winter coffee river market bridge music morning report budget offer street library"
_WORDS = _TEXT.split()


def mail(number: int, kind: str, body: str, *, more: str = "", subject: str = "") -> bytes:
    """One message; the higher the number, the newer."""
    date = format_datetime(_NEWEST + timedelta(minutes=number))
    return (
        f"From: News {number % 7} <news{number % 7}@bench.example>\r\nTo: Alice <alice@bench.example>\r\n"
        f"Subject: {subject or f'Number {number}'}\r\nDate: {date}\r\nMessage-ID: <{number}@bench.example>\r\n{more}"
        f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}"
    ).encode()


def newsletter(number: int) -> str:
    """100 KB of nested tables, inline styles and a style sheet, with pictures from elsewhere."""
    dice = random.Random(number)
    rows: list[str] = []
    size = 0
    while size < 100_000:
        text = " ".join(dice.choices(_WORDS, k=40))
        row = (
            '<tr><td style="padding:12px 24px;font-family:Helvetica,Arial,sans-serif;font-size:15px;color:#333333">'
            '<table width="100%" cellpadding="0" cellspacing="0" style="border:1px solid #dddddd"><tr>'
            f'<td width="180" style="background:#f0f4f8"><img src="https://img.bench.example/{number}/{len(rows)}.jpg" '
            f'width="180" height="120" alt="Item"></td><td style="padding:8px"><h3 class="t">Item {len(rows)}</h3>'
            f'<p>{text}</p><a class="btn" href="https://shop.bench.example/i/{len(rows)}?utm_source=nl">Buy now</a>'
            "</td></tr></table></td></tr>\n"
        )
        rows.append(row)
        size += len(row)
    sheet = ".t{color:#12355b;margin:0}.btn{background:#0a7d32;color:#ffffff;padding:6px 12px}"
    table = f'<table width="600" align="center" bgcolor="#ffffff">{"".join(rows)}</table>'
    return f'<html><head><style>{sheet}</style></head><body bgcolor="#eeeeee">{table}</body></html>'


def note(number: int) -> str:
    """A text mail of 4 KB with a quote."""
    dice = random.Random(number)
    lines = [" ".join(dice.choices(_WORDS, k=11)) + "." for _ in range(50)]
    return "\r\n".join([*lines[:25], *(f"> {line}" for line in lines[25:]), "-- ", "Bo", ""])


def large_html() -> str:
    """10 MB."""
    return "<html><body>" + "".join(f"<p>{' '.join(_WORDS)} {n}</p>\n" for n in range(93_000)) + "</body></html>"


def many_parts() -> tuple[str, str]:
    """(Content-Type, body) of a mail of 2,000 small files."""
    data = base64.b64encode(b"x" * 300).decode()
    parts = "".join(
        f'--p\r\nContent-Type: application/octet-stream; name="f{n}.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        f"{data}\r\n"
        for n in range(2_000)
    )
    text = "--p\r\nContent-Type: text/plain\r\n\r\nSee the files.\r\n"
    return "multipart/mixed; boundary=p", f"{text}{parts}--p--\r\n"

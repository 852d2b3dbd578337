"""Thousands of mails nobody should send: the stored ones broken in every way, and what no program would write."""

import random
from collections.abc import Callable, Iterator

from tests.unit.mime.samples import names, raw

_SPLICES = (
    b"\0",
    b"\r",
    b"\n",
    b"\r\n\r\n",
    b"\xff\xfe",
    b"\x80",
    b"\x1b$B",
    b"\x1b(B",
    b"=?utf-8?b?",
    b"=?x?q?=?=",
    b"?=",
    b"--",
    b"--b\r\n",
    b"Content-Type: multipart/mixed; boundary=\r\n",
    b'Content-Type: ;;;="\r\n',
    b"Content-Transfer-Encoding: x-what\r\n",
    b"Content-Type: text/plain; charset=utf-16\r\n",
    b"Content-Type: text/html; charset=utf-7\r\n",
    b"charset*0*=''%",
    b"filename*=a'b'c%zz",
    b"From: <<>>,,;:@\r\n",
    b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n",
    b"begin 644 x\r\n",
    b"=ybegin size=-1 name=\r\n",
    b"\x78\x9f\x3e\x22",
    b"<table>" * 30,
    b"<div>" * 300,
    b"<style>@media{" * 9,
    b"&#x110000;",
    b"&#0;",
    b"<![CDATA[",
    b"<!--",
    b"</",
    b"\xe2\x80\xae",
    b"(" * 500,
    b"Message-ID: <" + b"a" * 5000 + b">\r\n",
    b"References: " + b"<a@b> " * 500 + b"\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: application/ms-tnef\r\n",
    b"Content-Type: message/delivery-status\r\n",
    b"Content-Type: message/partial; number=x\r\n",
    b"To: " + b"a@b," * 3000 + b"\r\n",
    b"Subject: =?utf-8?q?" + b"=C3" * 200 + b"?=\r\n",
    b"Content-Type: text/plain; format=flowed; delsp=yes\r\n",
)


def mails(count: int, seed: int) -> Iterator[bytes]:
    """`count` mails; the same for the same seed."""
    dice = random.Random(seed)
    stored = [raw(name) for name in names()]
    for _ in range(count):
        mail = bytearray(dice.choice(stored))
        for _ in range(dice.choice((1, 1, 2, 5, 30))):
            dice.choice(_MUTATIONS)(mail, dice)
        yield bytes(mail)


def _flip(mail: bytearray, dice: random.Random) -> None:
    if mail:
        mail[dice.randrange(len(mail))] = dice.randrange(256)


def _splice(mail: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(mail) + 1)
    mail[at:at] = dice.choice(_SPLICES)


def _cut(mail: bytearray, dice: random.Random) -> None:
    del mail[dice.randrange(len(mail) + 1) :]


def _lose(mail: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(mail) + 1)
    del mail[at : at + dice.randrange(200)]


def _double(mail: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(mail) + 1)
    piece = mail[at : at + dice.randrange(2_000)]
    mail[at:at] = piece * dice.choice((1, 1, 5, 40))


def _swap(mail: bytearray, dice: random.Random) -> None:
    lines = bytes(mail).split(b"\n")
    dice.shuffle(lines)
    mail[:] = b"\n".join(lines)


def _line_ends(mail: bytearray, dice: random.Random) -> None:
    mail[:] = bytes(mail).replace(b"\r\n", dice.choice((b"\r", b"\n", b"\r\r\n", b"\n\r")))


_MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(_flip, _flip, _splice, _splice, _splice),
    *(_cut, _lose, _double, _swap, _line_ends),
)


_HTML = (
    b"<div>" * 100_000,
    b"<b><p>" * 20_000,
    b"<a href=x>" * 30_000,
    b"<table><tr><td>" * 5_000,
    b"<" * 500_000,
    b"<style>" + b"a{" * 100_000,
    b"<p style='" + b"color:red;" * 50_000 + b"'>",
    b"&" * 300_000,
    b"<!--" * 50_000,
    b"<img src=" + b"x" * 500_000,
    b"<img src=http://x/%d>" * 4_000,
    b"<svg><style>" * 9_000,
    b"<li>" * 100_000,
    b"word " * 300_000,
)


def made() -> Iterator[bytes]:
    """What no program would write."""
    yield b""
    yield b"\0" * 100_000
    yield b"\r" * 100_000
    yield b"\n" * 100_000
    yield bytes(range(256)) * 400
    yield b"A" * 1_000_000
    yield b"From: " + b"a" * 500_000
    yield b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n\r\nx"
    yield b"To: " + b"(" * 50_000 + b"\r\n\r\nx"
    yield b"To: " + b'"' * 50_001 + b"\r\n\r\nx"
    yield b"To: " + b"Friends: " * 20_000 + b";\r\n\r\nx"
    yield b"Content-Type: text/plain; " + b"; ".join(b"n*%d=x" % n for n in range(5_000)) + b"\r\n\r\nx"
    for depth in (10, 50, 51, 1_000):
        yield _nested(depth)
    yield b"Content-Type: message/rfc822\r\n\r\n" * 1_000 + b"x"
    yield b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 5_000
    yield b"Content-Type: multipart/digest; boundary=b\r\n\r\n" + b"--b\r\n\r\nSubject: x\r\n\r\nx\r\n" * 500
    for charset in (
        b"utf-7",
        b"utf-16",
        b"utf-32",
        b"hz",
        b"iso-2022-jp",
        b"iso-2022-kr",
        b"unicode_escape",
        b"rot13",
        b"x-nothing",
        b"idna",
    ):
        yield b"Content-Type: text/plain; charset=" + charset + b"\r\n\r\n" + bytes(range(256)) * 20
        yield b"Subject: =?" + charset + b"?b?gICAgA==?= =?" + charset + b"?q?=FF=FE=00?=\r\n\r\n\xff"
    for html in _HTML:
        yield b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html
    yield b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"> " * 100_000 + b"\r\n" + b"a \r\n" * 100_000
    yield b"From: a@b\r\n\r\n" + b"begin 644 x\r\n" * 5_000
    yield b"From: a@b\r\n\r\n" + b"=ybegin line=1 size=1 name=x\r\n" * 5_000
    yield (
        b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x01\x00"
        + b"\x02\x03\x90\x06\x00\xff\xff\xff\xff" * 1_000
    )
    yield b"Content-Type: message/delivery-status\r\n\r\n" + b"Action: failed\r\n\r\n" * 20_000


def _nested(depth: int) -> bytes:
    out = b""
    for level in range(depth):
        out += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
    out += b"\r\nThe innermost words\r\n"
    return out + b"".join(b"--b%d--\r\n" % level for level in reversed(range(depth)))

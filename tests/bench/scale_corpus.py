"""Real-looking mail in any number, the same for the same seed: Zipf words of several languages, threads, attachments.

Twenty years of one person's mail: most of it received, some answers sent; few people write much and many write once.
"""

import base64
import itertools
import random
from collections.abc import Iterator, Sequence
from email.header import Header
from email.utils import formatdate
from typing import NamedTuple

NEWEST = 1_793_500_000
"""The last message's date: 2026-11-01."""
YEARS = 20
MEAN_OCTETS = 3_600
"""About what `messages` makes on average."""
OWN = ("Alice Example", "alice@scale.example")
PEOPLE = 6_000

_ENGLISH = """the of and to in you we is for on it this be are will have with from please thanks if can meeting time
week need next let know your about tomorrow report project send team order would should call update attached
review invoice budget plan draft best regards Monday Friday office question customer change server release garden
train summer window travel concert kitchen village contract station harbour library mountain delivery schedule
signature museum insurance holiday account password shipping refund ticket appointment"""
_OTHERS = """und die der nicht mit auf für über Straße schön Grüße Rechnung Besprechung Änderung Vertrag Büro größer
les une pour dans être réunion été façade français demain rendez-vous équipe déjà prévu bientôt merci
los para reunión mañana señor año contrato también gracias factura según envío pequeño corazón
что для это как завтра встреча договор отчёт письмо спасибо проект вопрос очень сегодня неделя
και για αύριο συνάντηση ευχαριστώ σύμβαση ερώτηση γράμμα
och för möte imorgon räkning förslag tack vänliga hälsningar łódź święto København"""
_JAPANESE = """会議 明日 資料 確認 東京 大阪 お願いします ありがとうございます 予定 変更 請求書 添付
ご連絡 来週 打ち合わせ 契約 報告 質問 出張 写真 電車 図書館 美術館 です ました ください について"""
_STARTS = "b br c ch d dr f g gr h j k l m n p pr qu r s st t tr v w"
_VOWELS = "a e i o u ea io au"
_ENDS = "l n r s t nd rk st x m ng ck"
_FIRST = """Anna Bo Chiara David Émile Fatima Gül Hiroshi Ines Jan Keiko Lars Maria Nils Olga Pedro Qing Rosa Søren
Tomás Uma Vera Wei Ximena Yuki Zoë"""
_LAST = """Berg Lindqvist Neri Okafor Dubois Haddad Yılmaz Tanaka Ortega Novák Sato Andersen Rossi Ivanova Silva Chen
Müller Nowak Papadopoulos Larsen Moreau Kim Weber García"""
_LISTS = ("announce", "devel", "users", "garden-club", "choir", "board")
_NAMES = ("Invoice", "Report", "Minutes", "Photo", "Contract", "Slides", "Scan", "Agenda", "明細")
_ENDINGS = (("pdf", "application/pdf"), ("jpg", "image/jpeg"), ("xlsx", "application/vnd.ms-excel"),
            ("ics", "text/calendar"), ("zip", "application/zip"))  # fmt: skip


class Made(NamedTuple):
    """One message."""

    raw: bytes
    date: int
    flags: frozenset[str]
    sent: bool
    """By the owner of the mailbox."""


class Words:
    """What is written about: a vocabulary by Zipf's law, and sentences of it. What queries are drawn from too."""

    def __init__(self, seed: int = 1) -> None:
        dice = random.Random(seed)
        starts, vowels, ends = _STARTS.split(), _VOWELS.split(), ("", *_ENDS.split())
        made = dict.fromkeys(
            "".join(
                dice.choice(starts) + dice.choice(vowels) + dice.choice(ends) for _ in range(dice.choice((2, 2, 3)))
            )
            for _ in range(70_000)
        )
        self.words = list(dict.fromkeys((*_ENGLISH.split(), *_OTHERS.split(), *made)))
        weights = list(itertools.accumulate((rank + 3) ** -1.12 for rank in range(len(self.words))))
        self.sentences = [
            " ".join(dice.choices(self.words, cum_weights=weights, k=dice.randint(5, 16))).capitalize() + "."
            for _ in range(30_000)
        ]
        self.sentences += [
            "、".join(dice.choices(_JAPANESE.split(), k=dice.randint(3, 8))) + "。" for _ in range(1_500)
        ]
        dice.shuffle(self.sentences)
        self.people = [self._person(dice, number) for number in range(PEOPLE)]
        self.often = list(itertools.accumulate(1 / (rank + 2) for rank in range(PEOPLE)))

    def _person(self, dice: random.Random, number: int) -> tuple[str, str]:
        if number % 17 == 3:
            name = _LISTS[number % len(_LISTS)]
            return name, f"{name}{number}@lists.example"
        first, last = dice.choice(_FIRST.split()), dice.choice(_LAST.split())
        plain = "".join(letter for letter in f"{first}.{last}".lower() if letter.isascii())
        return f"{first} {last}", f"{plain}{number}@{dice.choice(self.words[200:4000])}.example".lower()


class _Thread(NamedTuple):
    subject: str
    ids: tuple[str, ...]
    first_line: str


def messages(words: Words, count: int, numbers: range | None = None) -> Iterator[Made]:
    """Oldest first; 55 in 100 are replies. `numbers`: only these of the `count`, which know no others."""
    numbers = numbers or range(count)
    dice = random.Random(numbers.start)
    threads: list[_Thread] = []
    begin = NEWEST - YEARS * 365 * 86_400
    for number in numbers:
        share = ((number + dice.random()) / count) ** 0.7  # more mail every year
        date = int(begin + share * (NEWEST - begin))
        name = f"<{number}.{dice.randrange(1 << 40):x}@scale.example>"
        reply = bool(threads) and dice.random() < 0.55
        if reply:
            place = dice.randrange(len(threads))
            thread = threads[place]
        else:
            place, thread = -1, _Thread(" ".join(dice.choice(words.sentences).rstrip(".。").split()[:8]), (), "")
        sentences = dice.choices(words.sentences, k=max(3, int(dice.lognormvariate(2.4, 0.8))))
        sent = number % 50 == 17
        yield Made(_message(words, dice, number, date, name, thread, sentences, sent), date, _flags(dice, sent), sent)
        grown = _Thread(thread.subject, (*thread.ids[-9:], name), sentences[0])
        if reply:
            threads[place] = grown
        elif len(threads) < 400:
            threads.append(grown)
        else:
            threads[dice.randrange(400)] = grown


def _flags(dice: random.Random, sent: bool) -> frozenset[str]:
    flags = {"\\Seen"} if sent or dice.random() < 0.93 else set()
    chance = dice.random()
    if chance < 0.02:
        flags.add("\\Flagged")
    elif chance < 0.15:
        flags.add("\\Answered")
    elif chance < 0.18:
        flags.add("work" if chance < 0.165 else "later")
    return frozenset(flags)


def _message(
    words: Words, dice: random.Random, number: int, date: int, name: str, thread: _Thread,
    sentences: Sequence[str], sent: bool,
) -> bytes:  # fmt: skip
    other = dice.choices(words.people, cum_weights=words.often)[0]
    author, to = (OWN, other) if sent else (other, OWN)
    subject = f"Re: {thread.subject}" if thread.ids else thread.subject
    head = [
        f"Received: from mx{number % 9}.example by mail.scale.example; {formatdate(date)}",
        f"From: {_encoded(author[0])} <{author[1]}>",
        f"To: {_encoded(to[0])} <{to[1]}>",
        *(
            [f"Cc: {_encoded(words.people[number % 40][0])} <{words.people[number % 40][1]}>"]
            if number % 6 == 0
            else []
        ),
        f"Subject: {_encoded(subject)}",
        f"Date: {formatdate(date)}",
        f"Message-ID: {name}",
    ]
    if thread.ids:
        head += [f"In-Reply-To: {thread.ids[-1]}", "References: " + "\r\n ".join(thread.ids)]
    head.append("MIME-Version: 1.0")
    text = _text(dice, number, thread, sentences, author[0])
    plain = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text
    body = plain
    if number % 3 == 0:
        html = "".join(f"<p style='margin:0 0 1em'>{line}</p>" for line in text.split("\r\n\r\n"))
        body = (
            f'Content-Type: multipart/alternative; boundary="a{number}"\r\n\r\n'
            f"--a{number}\r\n{plain}\r\n--a{number}\r\n"
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            f"<html><head><style>p{{font:14px sans-serif}}</style></head><body>{html}</body></html>\r\n"
            f"--a{number}--\r\n"
        )
    if dice.random() < 0.12:
        body = _attached(dice, number, body)
    return ("\r\n".join(head) + "\r\n" + body).encode()


def _text(dice: random.Random, number: int, thread: _Thread, sentences: Sequence[str], author: str) -> str:
    pieces = [" ".join(sentences[start : start + 3]) for start in range(0, len(sentences), 3)]
    if number % 4 == 0:  # the long tail that every mailbox has: numbers and addresses that stand nowhere else
        rare = f"Order {dice.randrange(10**9)}: https://shop.example/{dice.randrange(1 << 36):x}"
        pieces.insert(1, rare)
    if thread.first_line:
        pieces.append(f"> {thread.first_line}")
    lines = []
    for piece in (*pieces, f"-- \r\n{author.split()[0]}"):
        while len(piece) > 76 and " " in piece[40:76]:
            cut = piece.rindex(" ", 40, 76)
            lines.append(piece[:cut])
            piece = piece[cut + 1 :]
        lines += [piece, ""]
    return "\r\n".join(lines)


def _attached(dice: random.Random, number: int, body: str) -> str:
    ending, kind = dice.choice(_ENDINGS)
    name = f"{dice.choice(_NAMES)}-{dice.randrange(2006, 2027)}-{number % 997}.{ending}"
    data = base64.encodebytes(dice.randbytes(dice.randint(400, 9_000))).decode().replace("\n", "\r\n")
    return (
        f'Content-Type: multipart/mixed; boundary="m{number}"\r\n\r\n--m{number}\r\n{body}\r\n--m{number}\r\n'
        f"Content-Type: {kind}\r\nContent-Disposition: attachment; filename*=utf-8''{_percent(name)}\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{data}--m{number}--\r\n"
    )


def _percent(name: str) -> str:
    return "".join(chr(octet) if chr(octet).isalnum() or octet in b".-" else f"%{octet:02X}" for octet in name.encode())


def _encoded(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8").encode()

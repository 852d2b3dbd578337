"""The sample mail: it parses, it is varied, and it is dated around now."""

import io
import re
import zipfile
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from qtmail.demo import files, mailboxes, pictures
from qtmail.demo.imap import SPECIAL_USE
from qtmail.demo.samples import Sample, entries, when
from qtmail.mime.parse import parse

NOW = datetime(2026, 3, 18, 15, 30, tzinfo=timezone(timedelta(hours=1)))


@pytest.fixture(scope="module")
def everything() -> list[Sample]:
    return [sample for person in mailboxes.IDENTITIES for sample in mailboxes.samples(person, NOW)]


def _message(sample: Sample) -> EmailMessage:
    message = message_from_bytes(sample.content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_there_are_some_hundred_and_fifty_and_none_is_from_the_future(everything: list[Sample]) -> None:
    assert 140 <= len(everything) <= 220
    assert all(sample.when <= NOW for sample in everything)


def test_every_age_is_there(everything: list[Sample]) -> None:
    ages = [(NOW.date() - sample.when.date()).days for sample in everything]
    for least, most in ((0, 0), (1, 1), (2, 6), (7, 13), (20, 45), (60, 200), (300, 2000)):
        assert any(least <= age <= most for age in ages), f"nothing is {least} to {most} days old"


def test_every_message_is_well_formed(everything: list[Sample]) -> None:
    seen = set()
    for sample in everything:
        message = parse(sample.content)
        assert message.from_
        assert not message.warnings or "Security" in message.from_[0].name
        assert message.message_id not in seen
        seen.add(message.message_id)


def test_answers_refer_to_what_they_answer(everything: list[Sample]) -> None:
    messages = [_message(sample) for sample in everything]
    known = {message["Message-ID"] for message in messages}
    answers = [message for message in messages if message["In-Reply-To"]]
    assert len(answers) > 20
    assert all(message["In-Reply-To"] in known for message in answers)


def test_folders_and_marks_are_used(everything: list[Sample]) -> None:
    used = {sample.folder for sample in everything}
    assert used == {"INBOX", *SPECIAL_USE, *(name for names in mailboxes.FOLDERS.values() for name in names)}
    marks = {flag for sample in everything for flag in sample.flags}
    assert {"\\Seen", "\\Flagged", "\\Answered", "\\Draft", "$Forwarded"} <= marks
    assert 15 < sum("\\Seen" not in sample.flags for sample in everything) < 60


def test_many_scripts_and_odd_subjects(everything: list[Sample]) -> None:
    text = "\n".join(str(_message(sample).get_body(("plain", "html"))) for sample in everything)
    subjects = [str(_message(sample)["Subject"] or "") for sample in everything]
    whole = "\n".join(subjects)
    assert re.search(r"[\u3040-\u30ff]", whole)  # Japanese
    assert re.search(r"[\u0600-\u06ff]", whole)  # Arabic
    assert re.search(r"[\u0400-\u04ff]", whole)  # Russian
    assert "🌱" in whole
    assert max(map(len, subjects)) > 200
    assert min(map(len, subjects)) == 0
    assert "iso-2022-jp" in text


def test_pictures_in_html_are_there(everything: list[Sample]) -> None:
    inline = 0
    for sample in everything:
        message = _message(sample)
        html = message.get_body(("html",))
        if html is None:
            continue
        wanted = set(re.findall(r'src="cid:([^"]+)"', html.get_content()))
        given = {str(part["Content-ID"]).strip("<>") for part in message.walk() if part["Content-ID"]}
        assert wanted == given, message["Subject"]
        inline += len(given)
    assert inline >= 10


def test_attached_files_are_what_they_say() -> None:
    assert files.content("train-tickets.pdf", NOW).startswith(b"%PDF-1.4")
    assert files.content("train-tickets.pdf", NOW).endswith(b"%%EOF\n")
    assert files.content("dusk.png", NOW).startswith(b"\x89PNG\r\n\x1a\n")
    with zipfile.ZipFile(io.BytesIO(files.content("photos.zip", NOW))) as packed:
        assert packed.testzip() is None
        assert packed.namelist() == ["dusk.png", "fjord.png"]
    with zipfile.ZipFile(io.BytesIO(files.content("wall-text.docx", NOW))) as packed:
        assert b"nobody knew what this was" in packed.read("word/document.xml")
    assert b"DTSTART:20260405T190000" in files.content("opening.ics", NOW)


def test_the_cross_reference_table_of_a_pdf_is_right() -> None:
    data = files.pdf("Title (with brackets)", ["a line", "# another"])
    start = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    assert data[start:].startswith(b"xref")
    for number, place in enumerate(re.findall(rb"(\d{10}) 00000 n", data), 1):
        assert data[int(place) :].startswith(b"%d 0 obj" % number)


def test_a_picture_is_the_same_every_time() -> None:
    assert pictures.bars((1, 2, 3)) == pictures.bars((1, 2, 3))


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("3h", NOW - timedelta(hours=3)),
        ("2d 09:05", NOW.replace(day=16, hour=9, minute=5)),
    ],
)
def test_ages(age: str, expected: datetime) -> None:
    assert when(age, NOW) == expected


def test_an_entry_is_read_as_written() -> None:
    [entry] = entries(
        "@ Lists/Old  2d 10:00  unread star\nFrom: mira\nSubject: Hi: you\n!attach a.pdf, b.txt\n\nText\n\nMore\n\n"
    )
    assert entry.folder == "Lists/Old"
    assert entry.marks == {"unread", "star"}
    assert entry.headers == (("From", "mira"), ("Subject", "Hi: you"))
    assert entry.directives == {"attach": "a.pdf, b.txt"}
    assert entry.text == "Text\n\nMore\n"

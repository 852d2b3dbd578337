"""What is in an attachment, in words; and messages without some of theirs."""

import io
import zipfile

import pytest

from qtmail.errors import BadInput
from qtmail.mime.described import described
from qtmail.mime.detach import without_parts
from qtmail.mime.parse import parse
from tests.unit.mime.samples import names, raw
from tests.unit.mime.test_packed import DATA, LETTER, mail, uuencoded, wrapped

ICS = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Planning\\, part 2\r\nDTSTART;TZID=Europe/Berlin:20231123T090000\r\n"
    'DTEND:20231123T150000Z\r\nLOCATION:Room\r\n  3\r\nATTENDEE;CN="a;b:c":mailto:bo@example.org\r\n'
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)
VCF = "BEGIN:VCARD\r\nFN:Bo Lind\r\nitem1.EMAIL;TYPE=work:bo@example.org\r\nADR:;;Way 1;Town;;123;Land\r\nEND:VCARD\r\n"


def test_calendars_and_cards() -> None:
    assert described("invite.ics", "application/octet-stream", ICS.encode()) == (
        "What: Planning, part 2\nFrom: 2023-11-23 09:00\nUntil: 2023-11-23 15:00 UTC\n"
        "Where: Room 3\nWith: bo@example.org"
    )
    assert (
        described("x", "text/vcard", VCF.encode())
        == "Name: Bo Lind\nMail: bo@example.org\nAddress: Way 1, Town, 123, Land"
    )


def test_archives_mails_and_texts() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("folder/one.txt", b"x" * 1200)
        archive.writestr("two.txt", b"y")
    assert described("a.zip", "application/zip", packed.getvalue()) == (
        "2 files, 1,201 octets unpacked\n\n1,200  folder/one.txt\n    1  two.txt"
    )
    assert "damaged" in str(described("a.zip", "application/zip", packed.getvalue()[:-30]))
    inner = described("m.eml", "message/rfc822", b"From: Bo <bo@x.test>\r\nSubject: Hi\r\n\r\nWords")
    assert inner == "From: Bo <bo@x.test>\nSubject: Hi\n\nWords"
    assert described("a.py", "application/octet-stream", "# ä\r\n".encode()) == "# ä\n"
    assert described("a.bin", "application/octet-stream", b"\0\1") is None


@pytest.mark.parametrize("kind", ["message/rfc822", "text/calendar", "text/vcard", "application/zip", "text/plain"])
def test_nothing_fails_to_be_described(kind: str) -> None:
    for name in names():
        for cut in (None, 100, 1000):
            assert described("x", kind, raw(name)[:cut]) is not None


def test_what_cannot_be_taken_out_alone() -> None:
    with pytest.raises(BadInput, match="packed together"):
        without_parts(wrapped(LETTER), [parse(wrapped(LETTER)).parts[-1].index], "today")
    whole = mail(b"%PDF", "Content-Type: application/pdf; name=a.pdf")
    with pytest.raises(BadInput, match="nothing but"):
        without_parts(whole, [0], "today")


def test_a_file_inside_a_text_is_taken_out_of_it() -> None:
    message = mail(b"Before\r\n" + uuencoded("a.bin", DATA).encode() + b"after\r\n")
    (part,) = parse(message).parts
    left = parse(without_parts(message, [part.index], "today"))
    assert left.parts == ()
    assert left.text.split()[0] == "Before"
    assert "(768 octets, application/octet-stream) was removed on today" in left.text
    assert left.text.split()[-1] == "after"


@pytest.mark.parametrize("name", names())
def test_any_message_can_lose_its_attachments(name: str) -> None:
    for part in parse(raw(name)).parts:
        try:
            left = parse(without_parts(raw(name), [part.index], "today"))
        except BadInput:
            continue
        assert len(left.parts) == len(parse(raw(name)).parts) - 1
        assert left.subject == parse(raw(name)).subject

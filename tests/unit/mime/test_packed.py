"""Files inside text (uuencode, yEnc) and inside winmail.dat; what machines report; the user's word on the charset."""

import binascii
import struct

import pytest

from qtmail.mime import tnef
from qtmail.mime.parse import parse, part_bytes
from qtmail.mime.summary import summarise
from tests.unit.mime.samples import raw

DATA = bytes(range(256)) * 3


def uuencoded(name: str, data: bytes, end: str = "end\r\n") -> str:
    lines = "".join(binascii.b2a_uu(data[at : at + 45]).decode() for at in range(0, len(data), 45))
    return f"begin 644 {name}\r\n{lines}`\n{end}".replace("\n", "\r\n").replace("\r\r", "\r")


def yencoded(name: str, data: bytes) -> bytes:
    out = b""
    for at in range(0, len(data), 128):
        line = b""
        for octet in data[at : at + 128]:
            shifted = (octet + 42) % 256
            line += b"=" + bytes([(shifted + 64) % 256]) if shifted in (0, 9, 10, 13, 46, 61) else bytes([shifted])
        out += line + b"\r\n"
    head = f"=ybegin line=128 size={len(data)} name={name}\r\n".encode()
    return head + out + f"=yend size={len(data)}\r\n".encode()


def mail(body: bytes, *headers: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in ("From: a@b.test", "Subject: x", *headers))
    return head.encode() + b"\r\n" + body


def test_files_in_a_text_are_attachments_and_no_words() -> None:
    body = (
        b"Before\r\n"
        + uuencoded("one.png", DATA).encode()
        + b"between\r\n"
        + yencoded("two \xfc.bin", DATA)
        + b"after\r\n"
    )
    message = mail(body)
    found = parse(message)
    assert [(part.name, part.type) for part in found.parts] == [
        ("one.png", "image/png"),
        ("two ü.bin", "application/octet-stream"),
    ]
    assert [part_bytes(message, part.index) for part in found.parts] == [DATA, DATA]
    assert [part.size for part in found.parts] == [len(DATA), len(DATA)]
    assert found.text.split() == ["Before", "between", "after"]
    summary = summarise(message)
    assert (summary.attachments, summary.attachment_names) == (2, ("one.png", "two ü.bin"))


@pytest.mark.parametrize(
    "body", ["begin 644 people came\r\nand we talked.\r\n", "I begin 7 days later\r\n", "begin 644 x\r\n"]
)
def test_words_that_begin_like_a_file(body: str) -> None:
    found = parse(mail(body.encode()))
    assert found.parts == ()
    assert found.text.split() == body.split()


def test_a_file_cut_short_is_there_as_far_as_it_goes() -> None:
    cut = mail(b"x\r\n" + uuencoded("a.bin", DATA, end="").encode()[:400])
    (part,) = parse(cut).parts
    assert DATA.startswith(part_bytes(cut, part.index)[:40])
    cut = mail(b"x\r\n" + yencoded("a.bin", DATA)[:300])
    (part,) = parse(cut).parts
    assert DATA.startswith(part_bytes(cut, part.index)[:100])


# ---- winmail.dat -------------------------------------------------------------------------------------------------


def attribute(tag: int, data: bytes, level: int = 2) -> bytes:
    return struct.pack("<BHHI", level, tag, 6, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def mapi(*properties: tuple[int, int, bytes]) -> bytes:
    out = struct.pack("<I", len(properties))
    for kind, name, data in properties:
        out += struct.pack("<HH", kind, name)
        out += b"\0" * 16 + struct.pack("<II", 0, 7) if name >= 0x8000 else b""
        out += data if kind == 3 else struct.pack("<II", 1, len(data)) + data + b"\0" * (-len(data) % 4)
    return out


def winmail(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


LETTER = winmail(
    attribute(
        0x9003, mapi((3, 0x0E08, b"\1\0\0\0"), (0x102, 0x1013, b"<p>Gr\xc3\xbc\xc3\x9fe <b>from</b> Outlook</p>")), 1
    ),
    attribute(0x9002, b"\0" * 14),
    attribute(0x8010, b"LONGNA~1.PDF\0"),
    attribute(0x800F, b"%PDF-1.4 not really"),
    attribute(0x9005, mapi((3, 0x8001, b"\1\0\0\0"), (0x1F, 0x3707, "Rechnung für März.pdf\0".encode("utf-16-le")))),
    attribute(0x9002, b"\0" * 14),
    attribute(0x8010, b"logo.png\0"),
    attribute(0x800F, DATA),
)


def wrapped(data: bytes, text: str = "") -> bytes:
    lead = f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n" if text else ""
    encoded = binascii.b2a_base64(data).decode()
    return mail(
        f"{lead}--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--b--\r\n".encode(),
        "Content-Type: multipart/mixed; boundary=b",
    )


def test_what_outlook_wrapped_is_unwrapped() -> None:
    message = wrapped(LETTER)
    found = parse(message)
    assert [(part.name, part.type, part.size) for part in found.parts] == [
        ("Rechnung für März.pdf", "application/pdf", 19),
        ("logo.png", "image/png", len(DATA)),
    ]
    assert [part_bytes(message, part.index) for part in found.parts] == [b"%PDF-1.4 not really", DATA]
    assert "Grüße" in found.html
    assert "from Outlook" in found.text
    assert summarise(message).attachments == 2


def test_a_text_beside_it_stays_the_text() -> None:
    found = parse(wrapped(LETTER, "Plain words"))
    assert found.text.strip() == "Plain words"
    assert [part.name for part in found.parts] == ["message.html", "Rechnung für März.pdf", "logo.png"]


@pytest.mark.parametrize("cut", range(0, len(LETTER), 17))
def test_a_broken_one_is_read_as_far_as_it_goes(cut: int) -> None:
    assert len(tnef.unpack(LETTER[:cut])) <= 3
    broken = bytearray(LETTER)
    broken[cut] ^= 0xFF
    tnef.unpack(bytes(broken))
    found = parse(wrapped(bytes(broken)))
    assert found.parts or "Outlook" in found.text


def test_one_that_ends_too_soon_is_listed_itself_too() -> None:
    assert "winmail.dat" in [part.name for part in parse(wrapped(LETTER[:-40])).parts]


def test_compressed_rtf() -> None:
    # [MS-OXRTFCP], 3.1.1 and 3.2.1.
    data = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert tnef.unpack_rtf(data).startswith(rb"{\rtf1\ansi\ansicpg1252\pard hello world}")
    assert tnef.unpack_rtf(b"\0" * 8) == b""
    assert tnef.unpack_rtf(struct.pack("<IIII", 20, 4, 0x414C454D, 0) + b"{rtf") == b"{rtf"


# ---- reports -----------------------------------------------------------------------------------------------------


def test_a_report_is_told_in_words() -> None:
    assert parse(raw("bounce-report")).notes == (
        "“hello” could not be delivered to nobody@example.test: there is no such mailbox.",
    )


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("Final-Recipient: rfc822;bo@x.test\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; 451 later",
         ("Your mail has not reached bo@x.test yet: the server does not answer. The server goes on trying; "
          "you need not do anything. The server said: “451 later”.")),
        ("Final-Recipient: rfc822; bo@x.test\nAction: delivered\nStatus: 2.0.0",
         "Your mail was delivered to bo@x.test."),
        ("Original-Recipient: rfc822;li@x.test\nFinal-Recipient: rfc822;bo@x.test\nAction: failed\nStatus: 5.2.2 (x)",
         "Your mail could not be delivered to li@x.test: the mailbox is full."),
        ("Action: failed", "Your mail could not be delivered to one recipient."),
    ],
)  # fmt: skip
def test_what_became_of_a_mail(block: str, told: str) -> None:
    body = f"Reporting-MTA: dns; x\n\n{block}\n".replace("\n", "\r\n")
    assert parse(mail(body.encode(), "Content-Type: message/delivery-status")).notes == (told,)


def test_receipts_and_parts() -> None:
    receipt = b"Final-Recipient: rfc822;bo@x.test\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"
    (told,) = parse(mail(receipt, "Content-Type: message/disposition-notification")).notes
    assert told.startswith("Your mail was opened by bo@x.test.")
    (told,) = parse(mail(b"x", 'Content-Type: message/partial; number=2; total=5; id="a"')).notes
    assert told.startswith("This is part 2 of 5 of a larger mail")


def test_the_users_word_on_the_charset_stands_above_every_label() -> None:
    russian = "Привет, мир".encode("koi8-r")
    message = mail(russian, "Content-Type: text/plain; charset=iso-8859-1")
    assert parse(message, charset_override="koi8-r").text.strip() == "Привет, мир"
    assert parse(message, charset_override="nonsense").text.strip()
    html = mail(b"<meta charset=utf-8><p>" + russian, "Content-Type: text/html; charset=utf-8")
    assert "Привет" in parse(html, charset_override="koi8-r").html

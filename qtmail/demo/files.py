"""The files attached to the sample mail, by name. All are real: a PDF opens, a zip unpacks, an event is an event."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from qtmail.demo import pictures

TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "ics": "text/calendar",
    "txt": "text/plain",
    "csv": "text/csv",
    "zip": "application/zip",
    "vcf": "text/vcard",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""File extension -> MIME type."""


@lru_cache(maxsize=64)
def content(name: str, now: datetime) -> bytes:
    """The bytes of this file; KeyError if the demo has no such file. `now` dates the events."""
    return _FILES[name](now)


def mime_type(name: str) -> str:
    """From the extension."""
    return TYPES[name.rpartition(".")[2]]


def pdf(title: str, lines: Sequence[str], tint: str = "0.24 0.39 0.87") -> bytes:
    """A one-page A4 document: a coloured band with the title, then the lines. Western European text only."""
    text = [f"{tint} rg 0 752 595 90 re f 1 1 1 rg BT /F2 26 Tf 56 786 Td ({_escaped(title)}) Tj ET 0.12 0.13 0.14 rg"]
    for number, line in enumerate(lines):
        font = "/F2 12" if line.startswith("#") else "/F1 12"
        text.append(f"BT {font} Tf 56 {700 - 22 * number} Td ({_escaped(line.lstrip('# '))}) Tj ET")
    stream = "\n".join(text).encode("cp1252")
    fonts = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> "
    fonts += "/F2 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << {fonts} >> >>".encode(),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
    )
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def event(uid: str, title: str, place: str, start: datetime, hours: float, organiser: str) -> bytes:
    """An invitation (RFC 5545, RFC 5546 REQUEST)."""
    form = "%Y%m%dT%H%M%S"
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//qtmail//demo//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{uid}@demo.example",
        f"DTSTAMP:{start - timedelta(days=9):{form}}",
        f"DTSTART:{start:{form}}",
        f"DTEND:{start + timedelta(hours=hours):{form}}",
        f"SUMMARY:{title}",
        f"LOCATION:{place}",
        f"ORGANIZER:mailto:{organiser}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(lines).encode()


def archive(members: dict[str, bytes]) -> bytes:
    """A zip of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def docx(paragraphs: Sequence[str]) -> bytes:
    """The smallest document a word processor opens (ECMA-376)."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    package = "http://schemas.openxmlformats.org/package/2006"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return archive(
        {
            "[Content_Types].xml": (
                f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="{relations}"/>'
                f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
            ).encode(),
            "_rels/.rels": (
                f'<Relationships xmlns="{package}/relationships">'
                f'<Relationship Id="r1" Type="{office}" Target="word/document.xml"/></Relationships>'
            ).encode(),
            "word/document.xml": f'<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>'.encode(),
        }
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _at(now: datetime, days: int, hour: int) -> datetime:
    return (now + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)


_SCRIPT = """AURORA, room 3: what the voice says

1. (dark) You have been walking for eleven minutes. Long enough for your eyes.
2. (first star) Somebody saw this light leave. It was not one of us.
3. (the ribbon) It makes no sound. People who say they heard it are not lying either.
4. (all) Now turn round.
"""

_SEEDS = """bed,plant,sown,rows
1,Broad beans,March,4
1,Peas,March,3
2,Lettuce,every two weeks,2
3,Tomatoes (Mira's),indoors in February,9
4,Lavender,planted,5
5,Marigolds,April,6
6,Kale,June,4
"""

_FILES: dict[str, Callable[[datetime], bytes]] = {
    "dusk.png": lambda now: pictures.dusk(),
    "fjord.png": lambda now: pictures.fjord(),
    "garden-plan.png": lambda now: pictures.garden_plan(),
    "visitors.png": lambda now: pictures.bars((310, 342, 295, 388, 401, 436, 520, 497, 611), (33, 131, 88)),
    "electricity.png": lambda now: pictures.bars((212, 198, 176, 140, 118, 96, 88)),
    "moon.png": lambda now: pictures.moon(0.36),
    "lumen.png": lambda now: pictures.badge((255, 236, 190), (38, 40, 92)),
    "sunday-sky.png": lambda now: pictures.badge((255, 255, 255), (62, 99, 221)),
    "train-tickets.pdf": lambda now: pdf(
        "Night train 401",
        ("# Hamburg Altona - Stockholm C", "Alma Berg, 1 adult", "Coach 22, berth 15 (lower)", "Breakfast: yes"),
        "0.10 0.33 0.42",
    ),
    "invoice-2041.pdf": lambda now: pdf(
        "Invoice 2041",
        (
            "# Fjordhus Joinery",
            "Curved bench, oak, 4.2 m              1 840.00",
            "Fitting, two days                       960.00",
            "",
            "# Total                               2 800.00",
            "Thank you. Please pay within 30 days.",
        ),
        "0.13 0.51 0.35",
    ),
    "floor-plan.pdf": lambda now: pdf(
        "Aurora: floor plan, third draft",
        (
            "Room 1  The long corridor",
            "Room 2  Weather",
            "Room 3  Dark",
            "Room 4  Everyone together",
            "Exit past the shop",
        ),
        "0.15 0.16 0.36",
    ),
    "lease.pdf": lambda now: pdf(
        "Plot 14: lease",
        ("Elm Lane Community Garden", "Tenant: Alma Berg", "Rent: 60 a year, and two Saturdays of work"),
        "0.35 0.50 0.25",
    ),
    "opening.ics": lambda now: event(
        "aurora-opening", "Aurora: opening night", "City Planetarium", _at(now, 18, 19), 3, "ines@planetarium.example"
    ),
    "design-review.ics": lambda now: event(
        "review", "Design review: room 3", "Studio, big table", _at(now, 1, 10), 1, "teo@lumen-studio.example"
    ),
    "narration.txt": lambda now: _SCRIPT.encode(),
    "seed-list.csv": lambda now: _SEEDS.encode(),
    "jonas.vcf": lambda now: (
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jonas Weber\r\nEMAIL:jonas@weber.example\r\nEND:VCARD\r\n"
    ),
    "wall-text.docx": lambda now: docx(
        ("Aurora", "For most of history, nobody knew what this was.", "That did not stop anyone from looking.")
    ),
    "photos.zip": lambda now: archive({"dusk.png": content("dusk.png", now), "fjord.png": content("fjord.png", now)}),
}

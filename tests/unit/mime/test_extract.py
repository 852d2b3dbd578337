"""What attachments say: every kind that is read, and what strangers may do to those who read it."""

import io
import zipfile
import zlib

import pytest

from qtmail.mime import extract_office
from qtmail.mime.extract import INDEXED, kind_of, text_of
from qtmail.mime.unreadable import Unreadable

W = b'<w:document xmlns:w="w"><w:body>%s</w:body></w:document>'


def packed(**members: bytes) -> bytes:
    """A zip with these members; "__" in a name is a folder's end, "_xml" its ending."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


def pdf(content: bytes) -> bytes:
    """One page that draws this."""
    stream = zlib.compress(content)
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/MediaBox[0 0 9 9]/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    made, offsets = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj%sendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return made + head % (table, len(made))


DOCX = packed(
    word__document_xml=W
    % "<w:p><w:r><w:t>Quar</w:t></w:r><w:r><w:t>terly</w:t></w:r></w:p><w:p><w:t>東京</w:t></w:p>".encode(),
    word__footnotes_xml=W % b"<w:t>a note</w:t>",
    word__styles_xml=W % b"<w:t>not this</w:t>",
)
XLSX = packed(
    xl__workbook_xml=b'<workbook><sheets><sheet name="Costs"/></sheets></workbook>',
    xl__sharedStrings_xml=b"<sst><si><t>Platypus</t></si><si><r><t>over</t></r><r><t>time</t></r></si></sst>",
    xl__worksheets__sheet1_xml=b'<w><c t="s"><v>9</v></c><c><v>4711.5</v></c><c t="inlineStr"><t>in</t></c></w>',
)
ODT = packed(content_xml=b"<o:doc xmlns:o='o'><o:p>Okapi<o:tab/>memo</o:p><o:h>Head</o:h></o:doc>")
PPTX = packed(ppt__slides__slide1_xml=b"<p xmlns:a='a'><a:p><a:t>Slide</a:t></a:p></p>")
ICS = (
    b"BEGIN:VEVENT\r\nSUMMARY:Wombat mee\r\n ting\r\nLOCATION:Room 7\\, north\r\nDTSTART:20240101\r\n"
    b'ATTENDEE;CN="Bo Lind";ROLE=X:mailto:bo@example.test\r\nEND:VEVENT\r\n'
)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.docx", DOCX, "Quarterly 東京 a note"),
        ("a.xlsx", XLSX, "Platypus overtime Costs 4711.5 in"),
        ("a.odt", ODT, "Okapi memo Head"),
        ("a.pptx", PPTX, "Slide"),
        ("a.pdf", pdf(b"BT /F 12 Tf (Narwhal invoice) Tj ET"), "Narwhal invoice"),
        ("a.ics", ICS, "Wombat meeting Room 7, north Bo Lind bo@example.test"),
        ("a.html", b"<title>x</title><p>Axolotl<script>no</script> page", "Axolotl page"),
        ("a.TXT", "Grüße".encode("latin-1"), "Grüße"),
        ("a.csv", b"one,two\n3,4", "one,two 3,4"),
        ("a.eml", b"Subject: Inner\r\nFrom: Ann <a@b.test>\r\n\r\nwords", "Inner Ann a@b.test words"),
    ],
)
def test_it_says(name: str, data: bytes, says: str) -> None:
    assert text_of(kind_of(name, "application/octet-stream"), data) == says


def test_kinds() -> None:
    assert kind_of("x.PDF", "application/octet-stream") == "pdf"
    assert kind_of("noname", "application/pdf") == "pdf"
    assert kind_of("", "text/calendar") == "ics"
    assert kind_of("", "text/x-log") == "text"
    assert kind_of("a.jpg", "image/jpeg") == ""
    assert kind_of("a.doc", "application/msword") == ""


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.docx", packed(word__document_xml=b"<!DOCTYPE x [<!ENTITY a 'aa'>]><x>&a;</x>"), "entities"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "password"),
        ("a.docx", b"PK not a zip", "damaged"),
        ("a.docx", packed(word__document_xml=b"\x93garbage"), "damaged"),
        ("a.docx", packed(other_xml=b"<x/>"), "not what its name says"),
        ("a.odt", packed(content_xml=b"\x00\x01garbage", META__encryption_data=b"") + b"encryption-data", "password"),
        ("a.pdf", b"%PDF-1.4 nothing", "damaged"),
        ("a.txt", bytes(1000), "not the text"),
    ],
)
def test_it_cannot_be_read(name: str, data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        text_of(kind_of(name, ""), data)


def test_only_so_much_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    words = b"<x><t>" + b"word " * INDEXED + b"</t></x>"
    assert len(text_of("docx", packed(word__document_xml=words))) == INDEXED
    monkeypatch.setattr(extract_office, "LARGEST_MEMBER", 1000)
    padded = b"<x>" + b"<y/>" * 1000 + b"<t>behind</t></x>"
    assert text_of("docx", packed(word__document_xml=padded)) == ""


def test_what_came_before_the_damage_is_kept() -> None:
    assert text_of("docx", packed(word__document_xml=b"<x><t>first</t><broken")) == "first"

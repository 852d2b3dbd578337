"""mbox as other programs write it."""

from pathlib import Path

import pytest

from qtmail.engine.mailfiles import Remarks, Variant, mbox
from qtmail.model import Flag


def read(path: Path, form: Variant | None = None) -> list[mbox.Found]:
    remarks = Remarks()
    found = list(mbox.read(path, remarks, form=form))
    assert remarks.unreadable == []
    return found


def test_mbox_of_others(tmp_path):
    path = tmp_path / "box"
    path.write_bytes(
        b"From a@b Thu Jan  4 10:20:30 2024\nSubject: one\nX-Mozilla-Status: 0005\n\n"
        b"Dear all,\n\nFrom now on no date follows\n\nFrom 10:30 there is cake\n\n"
        b"From - Thu Jan  4 10:20:31 2024\nSubject: two\nStatus: RO\nX-Status: A\n\n>From quoted\n"
    )
    one, two = read(path)
    assert one.raw.endswith(b"\r\nDear all,\r\n\r\nFrom now on no date follows\r\n\r\nFrom 10:30 there is cake\r\n")
    assert one.flags == {Flag.SEEN, Flag.FLAGGED}
    assert one.received == 1_704_363_630
    assert two.raw.endswith(b"\r\n\r\nFrom quoted\r\n")
    assert two.flags == {Flag.SEEN, Flag.ANSWERED}


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_line_ends_of_both_kinds(tmp_path, ends):
    text = b"From a@b Thu Jan  4 10:20:30 2024\nSubject: a\n\nx\n\nFrom a@b Thu Jan  4 10:20:30 2024\nSubject: b\n\ny"
    (tmp_path / "box").write_bytes(text.replace(b"\n", ends))
    assert [one.raw for one in read(tmp_path / "box")] == [b"Subject: a\r\n\r\nx\r\n", b"Subject: b\r\n\r\ny"]


def test_thunderbird(tmp_path):
    """Bare "From " lines, its fields on top, tags, and what was deleted but is still in the file."""
    (tmp_path / "Inbox").write_bytes(
        b"From \nX-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\nX-Mozilla-Keys: $label1 todo  junk \n"
        b"Subject: kept\nX-Mozilla-Status: in the mail itself\n\nbody\n\n"
        b"From - Thu Jan  4 10:20:31 2024\nX-Account-Key: account1\nX-Mozilla-Status: 0009\nSubject: gone\n\nx\n\n"
        b"From \nX-Mozilla-Status: 1003\nX-Mozilla-Status2: 00000000\nSubject: forwarded\n\nx\n"
    )
    remarks = Remarks()
    kept, forwarded = mbox.read(tmp_path / "Inbox", remarks)
    assert remarks.skipped == 1
    assert kept.raw == b"Subject: kept\r\nX-Mozilla-Status: in the mail itself\r\n\r\nbody\r\n"
    assert kept.flags == {Flag.SEEN, "$label1", "todo", Flag.JUNK}
    assert forwarded.flags == {Flag.SEEN, Flag.ANSWERED, Flag.FORWARDED}


def test_uw_imap_keeps_a_message_for_itself(tmp_path):
    (tmp_path / "box").write_bytes(
        b"From MAILER-DAEMON Thu Jan  4 10:20:31 2024\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n"
        b"X-IMAP: 1700000000 0000000002\n\nThis text is part of the internal format of your mail folder.\n\n"
        b"From a@b Thu Jan  4 10:20:31 2024\nSubject: real\n\nx\n"
    )
    assert [one.raw for one in read(tmp_path / "box")] == [b"Subject: real\r\n\r\nx\r\n"]


def entries(*bodies: bytes, length: bool = False) -> bytes:
    told = [b"Content-Length: %d\n" % len(body) if length else b"" for body in bodies]
    head = b"From a@b Thu Jan  4 10:20:30 2024\nSubject: s\n"
    return b"".join(head + more + b"\n" + body + b"\n" for body, more in zip(bodies, told, strict=True))


REAL_FROM = b"From a@b Thu Jan  4 10:20:30 2024\n"
FORMS = {
    "rd, plain lines around": (Variant.MBOXRD, entries(b"said:\n>>From me\nend\n"), [b"said:\n>From me\nend\n"]),
    "o, in a twice quoted answer": (Variant.MBOXO, entries(b">> a\n>>From me\n>> b\n"), [b">> a\n>>From me\n>> b\n"]),
    "rd where nothing tells": (Variant.MBOXRD, entries(b">From me\n"), [b"From me\n"]),
    "cl": (Variant.MBOXCL, entries(b">From me\n", b"x\n", length=True), [b"From me\n", b"x\n"]),
    "cl2": (
        Variant.MBOXCL2,
        entries(b"x\n\n" + REAL_FROM + b"Subject: inside\n\n>From y\n", b"z\n", length=True),
        [b"x\n\n" + REAL_FROM + b"Subject: inside\n\n>From y\n", b"z\n"],
    ),
    "lengths that lie": (
        Variant.MBOXRD,
        entries(b"a\n", b"b\n", length=True).replace(b"Length: 2", b"Length: 9"),
        [b"a\n", b"b\n"],
    ),
}


@pytest.mark.parametrize("case", FORMS.values(), ids=FORMS)
def test_the_form_shows_in_the_file(tmp_path, case):
    form, text, bodies = case
    (tmp_path / "box").write_bytes(text)
    assert mbox.variant(tmp_path / "box") is form
    assert [one.raw.partition(b"\r\n\r\n")[2] for one in read(tmp_path / "box")] == [
        body.replace(b"\n", b"\r\n") for body in bodies
    ]


def test_blocks_may_end_anywhere(tmp_path, monkeypatch):
    text = entries(*(b"body %d\n" % number * number + b"\n>From x\n" for number in range(40)))
    (tmp_path / "box").write_bytes(text)
    whole = read(tmp_path / "box")
    assert len(whole) == 40
    for size in (1, 7, 64, 333):
        monkeypatch.setattr(mbox, "BLOCK", size)
        assert read(tmp_path / "box") == whole


def test_an_empty_one_and_one_without_an_end(tmp_path):
    (tmp_path / "empty").touch()
    assert read(tmp_path / "empty") == []
    (tmp_path / "cut").write_bytes(b"From a@b Thu Jan  4 10:20:30 2024")
    assert [one.raw for one in read(tmp_path / "cut")] == [b""]
    assert mbox.count(tmp_path / "empty", 10) == (0, True)


def test_what_is_too_large_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(mbox, "LARGEST", 300)
    (tmp_path / "box").write_bytes(entries(b"a\n", b"b" * 400 + b"\n", b"c\n"))
    remarks = Remarks()
    assert [one.where for one in mbox.read(tmp_path / "box", remarks)] == ["box (1)", "box (3)"]
    assert remarks.unreadable[0].where == "box (2)"


def test_counting(tmp_path):
    (tmp_path / "box").write_bytes(entries(*[b"x" * 100 + b"\n"] * 200))
    assert mbox.count(tmp_path / "box", 1 << 20) == (200, True)
    about, exact = mbox.count(tmp_path / "box", 3000)
    assert not exact
    assert 190 <= about <= 210


@pytest.mark.parametrize(
    ("line", "at"),
    [
        (b"From a Thu Jan  4 10:20:30 2024\n", 1_704_363_630),
        (b"From a  Thu Jan 4 10:20 2024\n", 1_704_363_600),
        (b"From a Thu Jan 04 10:20:30 EST 2024\n", 1_704_363_630),
        (b"From a Thu Jan 04 10:20:30 +0100 2024\n", 1_704_363_630),
        (b"From a Thu Jan 44 10:20:30 2024\n", 1_704_106_800),
    ],
)
def test_dates_of_from_lines(tmp_path, line, at):
    """Nonsense gives way to the newest Received field."""
    header = b"Received: from x by y; Mon, 1 Jan 2024 12:00:00 +0100\nReceived: z; Sun, 31 Dec 2023 10:00:00 +0000\n"
    (tmp_path / "box").write_bytes(line + header + b"Subject: x\n\nx\n")
    assert [one.received for one in read(tmp_path / "box")] == [at]

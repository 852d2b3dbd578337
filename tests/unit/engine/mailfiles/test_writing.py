"""What is written is read back to the octet, whatever it is; nothing is overwritten, nothing half is left behind."""

import mailbox
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtmail.engine import mailfiles
from qtmail.engine.mailfiles import Form, Remarks, ToWrite, Variant
from qtmail.errors import BadInput
from qtmail.model import Flag

BODY = (
    b"From: a@example.test\r\nSubject: One\r\n\r\n"
    b"From the start\r\n>From quoted\r\n\r\nFrom x Mon Jan 01 10:00:00 2024\r\nend"
)
SEEN_STARRED = frozenset[str]({Flag.SEEN, Flag.FLAGGED})


def message(raw: bytes, number: int = 1, flags: frozenset[str] = SEEN_STARRED) -> ToWrite:
    return ToWrite(raw, flags, 1_700_000_000 + number, f"Re: a/b? {number}", "a@example.test", number)


def write(messages, path: Path, form: Form, variant: Variant = Variant.MBOXRD) -> int:
    with mailfiles.whole(path) as part:
        return mailfiles.write(messages, part, form, variant=variant)


def read(path: Path) -> list[mailfiles.Found]:
    remarks = Remarks()
    found = [one for box in mailfiles.detect(path).boxes for one in mailfiles.read(box, remarks)]
    assert remarks == Remarks()
    return found


HOSTILE = st.lists(
    st.sampled_from(
        [
            *(b"From me", b">From me", b">>From x Mon Jan 01 10:00:00 2024", b"From x Mon Jan 01 10:00:00 2024"),
            *(b"\r\n", b"\r\n", b"\n", b"\r", b"\0", b"text", b"\xff\xfe", b">", b"Subject: x", b" ", b"\x1a"),
            *(b"Status: RO", b"X-Qtmail-Form: mboxcl2 exact", b"Content-Length: 3", b"X-Mozilla-Status: 0009"),
        ]
    ),
    max_size=25,
).map(b"".join)


@settings(max_examples=150, deadline=None)
@given(raws=st.lists(HOSTILE, min_size=1, max_size=5), flags=st.sets(st.sampled_from([*SEEN_STARRED, "$label1"])))
@pytest.mark.parametrize("form", list(Form))
def test_whatever_it_is_comes_back_to_the_octet(tmp_path_factory, form, raws, flags):
    path = tmp_path_factory.mktemp("trip") / "out"
    if form is Form.EML:  # a file of nothing but blanks or controls is no message to anybody
        raws = [b"Subject: x\r\n" + raw for raw in raws]
        raws = [raw.replace(b"\0", b"0").replace(b"\x1a", b"") for raw in raws]
    assert write([message(raw, i, frozenset(flags)) for i, raw in enumerate(raws)], path, form) == len(raws)
    found = read(path)
    if form is Form.EML:
        assert sorted(one.raw for one in found) == sorted(raws)
        return
    assert [one.raw for one in found] == raws
    assert [one.received for one in found] == [1_700_000_000 + i for i in range(len(raws))]
    assert {one.flags for one in found} == {frozenset(flags)}


@pytest.mark.parametrize("variant", list(Variant))
def test_every_form_of_mbox(tmp_path, variant):
    raws = [BODY + b"\r\n", b"Subject: two\r\n\r\nStatus: not a header\r\n", b"Subject: three\r\n\r\n\r\n\r\n"]
    write([message(raw, number) for number, raw in enumerate(raws)], tmp_path / "out", Form.MBOX, variant)
    expected = raws
    if variant is Variant.MBOXO:  # what was quoted before cannot be told from what it quoted
        expected = [raw.replace(b"\r\n>From quoted", b"\r\nFrom quoted") for raw in raws]
    assert [one.raw for one in read(tmp_path / "out")] == expected


def test_other_programs_read_our_mbox_and_maildir(tmp_path):
    write(
        [message(b"Subject: one\r\n\r\nx\r\n", 1), message(b"Subject: two\r\n\r\ny\r\n", 2)], tmp_path / "m", Form.MBOX
    )
    box = mailbox.mbox(tmp_path / "m", create=False)
    assert [one["subject"] for one in box] == ["one", "two"]
    assert set(box[0].get_flags()) == {"R", "O", "F"}
    box.close()
    write([message(b"Subject: one\r\n\r\nx\r\n")], tmp_path / "d", Form.MAILDIR)
    assert [one.get_flags() for one in mailbox.Maildir(tmp_path / "d", create=False)] == ["FS"]


def test_keywords_of_a_maildir_are_as_dovecot_writes_them(tmp_path):
    flags = frozenset({Flag.SEEN, "$label1", Flag.FORWARDED, "Invoice"})
    write([message(BODY, 1, flags), message(BODY, 2, frozenset({"Invoice"}))], tmp_path / "d", Form.MAILDIR)
    assert (tmp_path / "d" / "dovecot-keywords").read_text() == "0 $label1\n1 Invoice\n"
    assert [one.flags for one in read(tmp_path / "d")] == [flags, {"Invoice"}]


@pytest.mark.parametrize("form", list(Form))
def test_nothing_is_overwritten(tmp_path, form):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("precious")
    with pytest.raises(BadInput, match="there already"):
        write([message(BODY)], tmp_path / "out", form)
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["mine"]
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_two_of_the_same_subject_are_two_files(tmp_path):
    assert write([message(BODY, 1), message(BODY, 2)], tmp_path / "out", Form.EML) == 2
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "2023-11-14 Re a b 1 (1).eml",
        "2023-11-14 Re a b 2 (2).eml",
    ]


@pytest.mark.parametrize(
    "subject", ["CON", "a:b*c?<x>|", "../../etc/passwd", "\u202egnp.exe", " . ", "x" * 300, "日本" * 90]
)
def test_names_that_every_system_takes(subject):
    name = mailfiles.eml_name(ToWrite(b"", frozenset(), 0, subject, "", 7))
    assert name.startswith("1970-01-01 ")
    assert name.endswith(" (7).eml")
    assert not set(name) & set('<>:"/\\|?*\u202e')
    assert len(name.encode()) < 250


@pytest.mark.parametrize("form", list(Form))
def test_half_an_export_is_not_left_behind(tmp_path, form):
    def interrupted():
        yield message(b"Subject: x\r\n\r\nx\r\n")
        raise OSError(28, "No space left on device")

    with pytest.raises(BadInput, match="cannot be written: No space left"):
        write(interrupted(), tmp_path / "mail", form)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "mail.part").mkdir()  # a killed export's
    assert write([message(BODY)], tmp_path / "mail", form) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["mail"]

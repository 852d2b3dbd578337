"""Mail in files: what is written is read back to the octet, and what other programs wrote is understood."""

import mailbox
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.engine import mailfiles
from qtmail.engine.mailfiles import ToWrite
from qtmail.errors import BadInput
from qtmail.model import Flag

BODY = (
    b"From: a@example.test\r\nSubject: One\r\n\r\n"
    b"From the start\r\n>From quoted\r\n\r\nFrom x Mon Jan 01 10:00:00 2024\r\nend"
)
SEEN_STARRED = frozenset[str]({Flag.SEEN, Flag.FLAGGED})


def message(raw: bytes, number: int = 1, flags: frozenset[str] = SEEN_STARRED) -> ToWrite:
    return ToWrite(raw, flags, 1_700_000_000 + number, f"Re: a/b? {number}", "a@example.test", number)


def read(path: Path) -> list[mailfiles.Found]:
    problems: list[str] = []
    found = list(mailfiles.read(path, problems))
    assert problems == []
    return found


@pytest.mark.parametrize("form", ["mbox", "maildir", "eml"])
def test_round_trip(tmp_path, form):
    raws = [BODY + b"\r\n", b"Subject: two\r\n\r\nStatus: not a header\r\n", b"Subject: three\r\n\r\n\r\n\r\n"]
    assert mailfiles.write([message(raw, i) for i, raw in enumerate(raws)], tmp_path / "out", form) == 3
    found = read(tmp_path / "out")
    assert [one.raw for one in found] == raws
    if form != "eml":
        assert [one.flags for one in found] == [SEEN_STARRED] * 3
        assert [one.received for one in found] == [1_700_000_000, 1_700_000_001, 1_700_000_002]


_LINES = st.lists(
    st.sampled_from(
        [b"", b"From me", b">From me", b">>From Mon 10:00", b"From x Mon Jan 01 10:00:00 2024", b"text", b"Status: RO"]
    ),
    max_size=8,
)


@given(
    bodies=st.lists(_LINES, min_size=1, max_size=4),
    flags=st.sets(st.sampled_from([Flag.SEEN, Flag.ANSWERED, Flag.DRAFT])),
)
def test_mbox_round_trip_of_anything(tmp_path_factory, bodies, flags):
    path = tmp_path_factory.mktemp("mbox") / "out"
    raws = [b"Subject: x\r\n\r\n" + b"".join(line + b"\r\n" for line in lines) for lines in bodies]
    mailfiles.write([message(raw, i, frozenset(flags)) for i, raw in enumerate(raws)], path, "mbox")
    found = read(path)
    assert [one.raw for one in found] == raws
    assert {one.flags for one in found} == {frozenset(flags)}


def test_other_programs_read_our_mbox_and_maildir(tmp_path):
    mailfiles.write(
        [message(b"Subject: one\r\n\r\nx\r\n", 1), message(b"Subject: two\r\n\r\ny\r\n", 2)], tmp_path / "m", "mbox"
    )
    box = mailbox.mbox(tmp_path / "m", create=False)
    assert [one["subject"] for one in box] == ["one", "two"]
    assert set(box[0].get_flags()) == {"R", "O", "F"}
    box.close()
    mailfiles.write([message(b"Subject: one\r\n\r\nx\r\n")], tmp_path / "d", "maildir")
    assert [one.get_flags() for one in mailbox.Maildir(tmp_path / "d", create=False)] == ["FS"]


def test_mbox_of_others(tmp_path):
    path = tmp_path / "box"
    path.write_bytes(
        b"From a@b Thu Jan  4 10:20:30 2024\nSubject: one\nX-Mozilla-Status: 0005\n\n"
        b"Dear all,\n\nFrom now on no date follows\n\n"
        b"From - Thu Jan  4 10:20:31 2024\nSubject: two\nStatus: RO\nX-Status: A\n\n>From quoted\n"
    )
    one, two = read(path)
    assert one.raw.endswith(b"\r\nDear all,\r\n\r\nFrom now on no date follows\r\n")
    assert one.flags == SEEN_STARRED
    assert one.received == 1_704_363_630
    assert two.raw.endswith(b"\r\n\r\nFrom quoted\r\n")
    assert two.flags == {Flag.SEEN, Flag.ANSWERED}


def test_a_folder_of_files(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.eml").write_bytes(b"Subject: b\n\nx\n")
    (tmp_path / "sub" / "a.EML").write_bytes(b"Subject: a\r\n\r\nx\r\n")
    (tmp_path / "readme.txt").write_bytes(b"no mail")
    assert [one.raw for one in read(tmp_path)] == [b"Subject: b\r\n\r\nx\r\n", b"Subject: a\r\n\r\nx\r\n"]


def test_what_is_no_mail_is_told(tmp_path):
    (tmp_path / "a.eml").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "b.eml").write_bytes(b"Subject: b\r\n\r\n")
    problems: list[str] = []
    assert len(list(mailfiles.read(tmp_path, problems))) == 1
    assert problems == ["a.eml is no mail: it does not begin with a mail's header (From, Subject, Date)."]


@pytest.mark.parametrize("text", [b"Shopping: milk, bread\n\nand eggs\n", b"# notes\n\nFrom: nobody\n", b""])
def test_a_text_that_only_looks_like_a_header_is_no_mail(tmp_path, text):
    (tmp_path / "notes.txt").write_bytes(text)
    problems: list[str] = []
    assert list(mailfiles.read(tmp_path / "notes.txt", problems)) == []
    assert problems == ["notes.txt is no mail: it does not begin with a mail's header (From, Subject, Date)."]


def test_mail_without_headers_comes_back(tmp_path):
    raws = [b"no header at all\r\n", b"\r\n\r\nonly a body"]
    mailfiles.write([message(raw, number) for number, raw in enumerate(raws)], tmp_path / "out", "eml")
    assert [found.raw for found in read(tmp_path / "out")] == raws


def test_folders_inside_a_maildir_are_told(tmp_path):
    for name in ("cur", "new", "tmp", ".Old"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1.x").write_bytes(b"Subject: a\n\n")
    problems: list[str] = []
    assert [one.flags for one in mailfiles.read(tmp_path, problems)] == [frozenset()]
    assert problems == ["Folders inside it were left out (.Old): import each by itself."]


def test_nothing_there(tmp_path):
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(BadInput):
            list(mailfiles.read(path, []))


@pytest.mark.parametrize("form", ["mbox", "maildir", "eml"])
def test_nothing_is_overwritten(tmp_path, form):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("precious")
    with pytest.raises(BadInput):
        mailfiles.write([message(BODY)], tmp_path / "out", form)
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["mine"]


def test_two_of_the_same_subject_are_two_files(tmp_path):
    assert mailfiles.write([message(BODY, 1), message(BODY, 2)], tmp_path / "out", "eml") == 2
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "2023-11-14 Re a b 1 (1).eml",
        "2023-11-14 Re a b 2 (2).eml",
    ]


def test_half_an_mbox_is_not_left_behind(tmp_path):
    def interrupted():
        yield message(b"Subject: x\r\n\r\nx\r\n")
        raise OSError(28, "No space left on device")

    with pytest.raises(BadInput, match="cannot be written"):
        mailfiles.write(interrupted(), tmp_path / "mail.mbox", "mbox")
    assert list(tmp_path.iterdir()) == []

"""What is at a path, and its messages with their flags, dates and folders, for each kind of mail on a disk."""

import mailbox
import plistlib
import struct
from contextlib import closing
from pathlib import Path

import pytest

from qtmail.engine import mailfiles
from qtmail.engine.mailfiles import Kind, Remarks, profiles, pst
from qtmail.errors import BadInput
from qtmail.model import Flag

LETTER = b"From: a@example.test\nSubject: %s\n\nx\n"


def letter(name: str) -> bytes:
    return LETTER % name.encode()


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def read(path: Path) -> tuple[Kind, dict[str, list[mailfiles.Found]], Remarks]:
    """-> the kind, the messages by folder, the remarks."""
    source, remarks = mailfiles.detect(path), Remarks()
    found: dict[str, list[mailfiles.Found]] = {}
    for box in source.boxes:
        messages = list(mailfiles.read(box, remarks))
        found.setdefault(box.path, []).extend(messages)
        counted, exact = mailfiles.count(box)
        assert exact
        assert counted >= len(messages)
    return source.kind, found, remarks


def subjects(found: dict[str, list[mailfiles.Found]]) -> dict[str, list[str]]:
    return {
        path: [one.raw.partition(b"Subject: ")[2].partition(b"\r")[0].decode() for one in messages]
        for path, messages in found.items()
    }


class TestMaildir:
    def test_folders_beside_and_inside(self, tmp_path):
        """Maildir++, Dovecot's LAYOUT=fs and KMail's directories."""
        for folder in ("", ".Work", ".Work.Old&AOk-", "Plain", "Plain/Below", ".box.directory/Sub"):
            put(tmp_path / folder / "cur" / "1700000001.a:2,RS", letter(folder or "top"))
            (tmp_path / folder / "new").mkdir()
        kind, found, _remarks = read(tmp_path)
        assert kind is Kind.MAILDIR
        assert set(found) == {"", "Work", "Work/Oldé", "Plain", "Plain/Below", "box/Sub"}
        assert found["Plain/Below"][0].flags == {Flag.SEEN, Flag.ANSWERED}

    def test_other_programs(self, tmp_path):
        with closing(mailbox.Maildir(tmp_path / "md")) as box:
            one = mailbox.MaildirMessage(letter("one"))
            one.set_subdir("cur")
            one.set_flags("FRSP")
            box.add(one)
            box.add(letter("new"))
        _kind, found, _remarks = read(tmp_path / "md")
        assert [one.flags for one in found[""]] == [
            {Flag.SEEN, Flag.ANSWERED, Flag.FLAGGED, Flag.FORWARDED},
            frozenset(),
        ]

    def test_a_file_that_may_not_be_read_is_told(self, tmp_path):
        put(tmp_path / "cur" / "1.a:2,S", letter("a"))
        (tmp_path / "cur" / "2.b:2,S").symlink_to("/nowhere")
        _kind, found, remarks = read(tmp_path)
        assert len(found[""]) == 1
        assert [one.sentence() for one in remarks.unreadable] == [
            "cur/2.b:2,S cannot be read: No such file or directory."
        ]


class TestMh:
    def test_sequences_are_flags(self, tmp_path):
        with closing(mailbox.MH(tmp_path / "Mail")) as box:
            inbox = box.add_folder("inbox")
            for number in range(1, 6):
                inbox.add(letter(str(number)))
            inbox.set_sequences({"unseen": [2, 3, 4], "flagged": [1, 3], "replied": [5]})
            box.add_folder("inbox").add_folder("sub").add(letter("below"))
        kind, found, _remarks = read(tmp_path / "Mail")
        assert kind is Kind.MH
        assert subjects(found) == {"inbox": ["1", "2", "3", "4", "5"], "inbox/sub": ["below"]}
        assert [one.flags for one in found["inbox"]] == [
            {Flag.SEEN, Flag.FLAGGED},
            frozenset(),
            {Flag.FLAGGED},
            frozenset(),
            {Flag.SEEN, Flag.ANSWERED},
        ]

    def test_claws_mail(self, tmp_path):
        for number in (1, 2, 3):
            put(tmp_path / str(number), letter(str(number)))
        pairs = [(1, 0), (2, 1 << 1 | 1 << 2), (3, 1 << 4 | 1 << 5)]
        marks = b"".join(struct.pack("<II", *pair) for pair in pairs)
        (tmp_path / ".claws_mark").write_bytes(struct.pack("<I", 2) + marks + b"\0")
        _kind, found, _remarks = read(tmp_path)
        assert [one.flags for one in found[""]] == [
            {Flag.SEEN},
            {Flag.FLAGGED},
            {Flag.SEEN, Flag.ANSWERED, Flag.FORWARDED},
        ]


class TestFiles:
    def test_a_tree_of_anything(self, tmp_path):
        put(tmp_path / "b.eml", letter("b"))
        put(tmp_path / "sub" / "a.EML", letter("a").replace(b"\n", b"\r\n"))
        put(tmp_path / "sub" / "deep" / "box.mbox", b"From x Thu Jan  4 10:20:30 2024\n" + letter("m"))
        put(tmp_path / "md" / "cur" / "1.x:2,", letter("d"))
        put(tmp_path / "readme.txt", b"no mail")
        kind, found, _remarks = read(tmp_path)
        assert kind is Kind.FILES
        assert subjects(found) == {"": ["b"], "md": ["d"], "sub": ["a"], "sub/deep/box": ["m"]}

    def test_when_a_letter_came(self, tmp_path):
        stamp = b"Received: from a by b; Thu, 4 Jan 2024 11:20:30 +0100\n"
        put(tmp_path / "a.eml", stamp + b"Date: Wed, 3 Jan 2024 10:00:00 +0000\n" + letter("a"))
        put(tmp_path / "b.eml", b"Date: Wed, 3 Jan 2024 10:00:00 +0000\n" + letter("b"))
        _kind, found, _remarks = read(tmp_path)
        assert [one.received for one in found[""]] == [1_704_363_630, 1_704_276_000]

    def test_what_is_no_mail_is_told(self, tmp_path):
        put(tmp_path / "a.eml", b"\x89PNG\r\n\x1a\n")
        put(tmp_path / "b.eml", b"Subject: b\r\n\r\n")
        _kind, found, remarks = read(tmp_path)
        assert len(found[""]) == 1
        assert [one.sentence() for one in remarks.unreadable] == [
            "a.eml is no mail: it does not begin with a mail's header (From, Subject, Date)."
        ]

    @pytest.mark.parametrize("text", [b"Shopping: milk, bread\n\nand eggs\n", b"# notes\n\nFrom: nobody\n", b""])
    def test_a_text_that_only_looks_like_a_header_is_no_mail(self, tmp_path, text):
        put(tmp_path / "notes.txt", text)
        _kind, found, remarks = read(tmp_path / "notes.txt")
        assert found == {"": []}
        assert len(remarks.unreadable) == 1

    def test_nothing_there(self, tmp_path):
        for path in (tmp_path / "missing", tmp_path):
            with pytest.raises(BadInput):
                mailfiles.detect(path)


class TestThunderbird:
    @pytest.fixture
    def profile(self, tmp_path):
        root = tmp_path / ".thunderbird"
        profile = root / "abc.default-release"
        put(root / "profiles.ini", b"[Profile0]\nName=x\nIsRelative=1\nPath=abc.default-release\nDefault=1\n")
        put(
            profile / "prefs.js",
            b'user_pref("mail.server.server1.directory-rel", "[ProfD]ImapMail/imap.example.org");\n'
            b'user_pref("mail.server.server1.name", "alice@example.org");\n'
            b'user_pref("mail.server.server1.type", "imap");\n',
        )
        mbox = b"From \nX-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\n"
        account = profile / "ImapMail" / "imap.example.org"
        put(account / "INBOX", mbox + letter("inbox") + b"\nFrom \nX-Mozilla-Status: 0009\n" + letter("gone"))
        put(account / "INBOX.msf", b"// <!-- <mdb:mork:z v=1.4/> -->")
        put(account / "Work", b"")
        put(account / "Work.sbd" / "Clients.sbd" / "Old", mbox + letter("old"))
        put(account / "msgFilterRules.dat", b"version=9\n")
        put(profile / "Mail" / "Local Folders" / "Archives" / "cur" / "1.eml", mbox[6:] + letter("archived"))
        return profile

    def test_a_profile_with_its_accounts(self, profile):
        kind, found, remarks = read(profile)
        assert kind is Kind.THUNDERBIRD
        assert subjects(found) == {
            "alice@example.org/INBOX": ["inbox"],
            "alice@example.org/Work/Clients/Old": ["old"],
            "Local Folders/Archives": ["archived"],
        }
        assert remarks.skipped == 1
        assert all(one.flags == {Flag.SEEN} for messages in found.values() for one in messages)
        assert found["alice@example.org/INBOX"][0].raw.startswith(b"From: a@example.test\r\n")

    def test_it_is_found_where_it_is(self, profile, tmp_path):
        assert profiles.places(tmp_path) == [(Kind.THUNDERBIRD, profile)]
        assert mailfiles.detect(tmp_path / ".thunderbird").path == profile
        assert profiles.places(tmp_path / "nobody") == []


class TestAppleMail:
    def emlx(self, name: str, flags: int, more: object = 1_700_000_000) -> bytes:
        text = letter(name)
        about = plistlib.dumps({"flags": flags, "date-received": more})
        return b"%d       \n" % len(text) + text + about

    def test_a_version_with_its_mailboxes(self, tmp_path):
        mail = tmp_path / "Library" / "Mail"
        account = mail / "V10" / "1A2B3C4D-0000-0000-0000-000000000000"
        data = account / "INBOX.mbox" / "99AA" / "Data"
        put(data / "Messages" / "1.emlx", self.emlx("one", 1 | 1 << 4))
        put(data / "2" / "1" / "Messages" / "12345.emlx", self.emlx("two", 1 << 2 | 1 << 8))
        put(data / "Messages" / "3.emlx", self.emlx("deleted", 1 << 1))
        put(data / "Messages" / "4.partial.emlx", self.emlx("partial", 0))
        put(account / "Work.mbox" / "Old.mbox" / "99AA" / "Data" / "Messages" / "5.emlx", self.emlx("old", 0, "x"))
        put(mail / "V2" / "old" / "X.mbox" / "Messages" / "1.emlx", self.emlx("older", 0))
        kind, found, remarks = read(mail)
        assert kind is Kind.APPLE_MAIL
        assert {path: sorted(names) for path, names in subjects(found).items()} == {
            "Account 1A2B/INBOX": ["one", "partial", "two"],
            "Account 1A2B/Work/Old": ["old"],
        }
        assert (remarks.skipped, remarks.partial) == (1, 1)
        messages = found["Account 1A2B/INBOX"]
        flags = dict(zip(subjects({"": messages})[""], [one.flags for one in messages], strict=True))
        assert flags["one"] == {Flag.SEEN, Flag.FLAGGED}
        assert flags["two"] == {Flag.ANSWERED, Flag.FORWARDED}
        assert found["Account 1A2B/INBOX"][0].received == 1_700_000_000
        assert profiles.places(tmp_path) == [(Kind.APPLE_MAIL, mail)]

    @pytest.mark.parametrize("tail", [b"", b"<plist", b"\xff", b"<plist><array/></plist>"])
    def test_a_property_list_that_is_none(self, tmp_path, tail):
        text = letter("x")
        put(tmp_path / "1.emlx", b"%d\n" % len(text) + text + tail)
        _kind, found, _remarks = read(tmp_path / "1.emlx")
        assert subjects(found) == {"": ["x"]}

    def test_an_exported_mailbox(self, tmp_path):
        put(tmp_path / "Work.mbox" / "mbox", b"From x Thu Jan  4 10:20:30 2024\n" + letter("m"))
        kind, found, _remarks = read(tmp_path / "Work.mbox")
        assert (kind, subjects(found)) == (Kind.MBOX, {"": ["m"]})


class Entry:
    def __init__(self, key, value):
        self.entry_type, self._value = key, value

    def get_data_as_string(self):
        return self._value

    def get_data_as_integer(self):
        return self._value


class Item:
    """What pypff hands out, as far as we ask."""

    transport_headers = subject = sender_name = plain_text_body = html_body = None
    delivery_time = client_submit_time = creation_time = recipients = None
    number_of_attachments = number_of_sub_messages = number_of_sub_folders = 0
    name = ""

    def __init__(self, properties=(), **fields):
        record = type("Set", (), {"entries": [Entry(*one) for one in properties]})
        self.record_sets = [record]
        for name, value in fields.items():
            setattr(self, name, value)


class TestOutlook:
    def test_without_the_library_it_says_what_to_do(self, tmp_path, monkeypatch):
        put(tmp_path / "mail.pst", b"!BDN" + b"\0" * 600)
        monkeypatch.setattr("importlib.import_module", no_library)
        with pytest.raises(BadInput, match="libpff") as refused:
            mailfiles.detect(tmp_path / "mail.pst")
        assert "readpst" in refused.value.hint

    def test_a_message_from_the_internet_keeps_its_header(self):
        message = Item(
            [(0x0E07, 1), (0x1090, 2), (0x1081, 102)],
            transport_headers="From: a@x\r\nSubject: =?utf-8?q?=C3=A9?=\r\nX-Own: long\r\n value\r\n"
            "Content-Type: text/weird\r\n\r\n",
            plain_text_body=b"Hello\r\n",
            html_body=b"<p>Hello</p>",
        )
        found = pst._message(message, "x")
        head = found.raw.partition(b"\r\n\r\n")[0]
        assert b"Subject: =?utf-8?q?=C3=A9?=" in head
        assert b"X-Own: long value" in head
        assert b"text/weird" not in head
        assert found.flags == {Flag.SEEN, Flag.FLAGGED, Flag.ANSWERED}
        assert b"<p>Hello</p>" in found.raw

    def test_one_that_never_travelled_is_put_together(self):
        part = Item(
            [(0x3707, "Plan.pdf"), (0x370E, "application/pdf")], get_size=lambda: 3, read_buffer=lambda n: b"%PD"
        )
        recipients = Item([(0x0C15, 1), (0x3001, "Bo"), (0x39FE, "bo@x")])
        message = Item(
            [(0x0C1F, "alice@x")],
            subject="Draft",
            sender_name="Alice",
            recipients=recipients,
            plain_text_body=b"Hi",
            number_of_attachments=1,
            get_attachment=lambda n: part,
        )
        raw = pst._message(message, "x").raw
        assert b"From: Alice <alice@x>\r\n" in raw
        assert b"To: Bo <bo@x>\r\n" in raw
        assert b'filename="Plan.pdf"' in raw


def no_library(name):
    raise ImportError(name)

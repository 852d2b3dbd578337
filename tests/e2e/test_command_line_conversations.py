"""Conversations on the command line, on a real Dovecot."""

from dataclasses import replace


def mail(number: int, refs: str = "", who: str = "Bob <bob@example.test>") -> bytes:
    return (
        f"From: {who}\r\nTo: alice@example.test\r\nSubject: Number {number}\r\n"
        f"Date: Tue, 14 Nov 2023 22:{number:02}:00 +0000\r\nMessage-ID: <{number}@example.test>\r\n"
        f"{f'References: {refs}{chr(13)}{chr(10)}' if refs else ''}\r\nThis is the number {number}.\r\n"
    ).encode()


def test_conversations_are_listed_shown_split_joined_and_muted(qtmail, dovecot):
    user = dovecot.add_user()
    first, second = "<1@example.test>", "<2@example.test>"
    dovecot.fill(user, [mail(1), mail(2, first), mail(4), mail(5, first + second)], flags="")
    dovecot.fill(user, [mail(3, first, f"Alice <{user}@example.test>")], "Sent", flags="S")
    qtmail.add(replace(dovecot.account(user), name="Work"))
    qtmail("sync")

    def listed():
        return qtmail("list", "Work/INBOX", "--conversations", "--json").json

    long, single = listed()
    assert [long["count"], long["unread"], long["participants"]] == [4, 3, ["Bob", "me"]]
    assert [len(long["ids"]), len(long["members"]), single["count"]] == [3, 4, 1]
    assert "Bob, me" in qtmail("list", "Work/INBOX", "--conversations").text
    whole = qtmail("show", str(long["id"]), "--thread", "--text").text
    assert [whole.count(f"the number {n}.") for n in range(1, 6)] == [1, 1, 1, 0, 1]

    second_id = str(long["ids"][1])
    qtmail("conversation", "split", second_id)
    assert sorted(one["count"] for one in listed()) == [1, 2, 2]
    qtmail("conversation", "join", str(single["id"]), second_id)
    assert sorted(one["count"] for one in listed()) == [2, 3]
    qtmail("undo")
    qtmail("undo")
    assert sorted(one["count"] for one in listed()) == [1, 4]

    qtmail("conversation", "mute", str(single["id"]))
    dovecot.fill(user, [mail(6, "<4@example.test>"), mail(7)], flags="", first_date=1_700_100_000)
    qtmail("sync")
    told = {one["subject"]: (one["unread"], one["muted"]) for one in listed()}
    assert told == {"Number 7": (1, False), "Number 6": (1, True), "Number 5": (3, False)}
    assert len(qtmail("search", "is:muted", "--json").json) == 2
    qtmail("sync")
    flags = dovecot.doveadm("fetch", "-u", user, "flags", "mailbox", "INBOX", "header", "subject", "Number 6")
    assert "\\Seen" in flags

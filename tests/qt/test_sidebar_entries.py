"""The order and the numbers of the sidebar's lines."""

from dataclasses import replace

from qtmail.model import LOCAL, AccountKey, AccountState, Folder, FolderId, Role
from qtmail.ui.sidebar.entries import ALL_ACCOUNTS, Entry, Health, Line, build, with_fold
from tests.qt.fakes import HOME, WORK, account

ALICE = account(WORK, "Work", "alice@example.test")
HOME_ACCOUNT = account(HOME, "Home", "alice@home.test")


def folder(number: int, key: AccountKey, path: str, role: Role = Role.NONE, unread: int = 0, total: int = 0) -> Folder:
    return Folder(FolderId(number), key, path, role, total or unread, unread)


def shown(lines: tuple[Entry, ...]) -> list[str]:
    return [f"{'  ' * e.depth}{e.title.upper() if e.line is Line.HEADING else e.title}" for e in lines]


INBOX = folder(1, WORK, "INBOX", Role.INBOX, 3, 10)
FOLDERS = (
    INBOX,
    folder(2, WORK, "Sent Messages", Role.SENT, 0, 7),
    folder(3, WORK, "Projects/Aurora", unread=2),
    folder(4, WORK, "Projects"),
    folder(5, WORK, "archive of mine"),
)


def test_one_account_has_no_unified_inbox() -> None:
    lines = build([ALICE], FOLDERS, {}, frozenset())
    assert shown(lines) == ["WORK", "Inbox", "Sent", "archive of mine", "Projects", "  Aurora"]
    assert [e.count for e in lines] == [0, 3, 0, 0, 0, 2]
    assert [e.title for e in lines if e.pill] == ["Inbox"]


def test_several_accounts_share_one_inbox_at_the_top() -> None:
    lines = build([ALICE, HOME_ACCOUNT], (*FOLDERS, folder(9, HOME, "INBOX", Role.INBOX, 4)), {}, frozenset())
    assert shown(lines)[:5] == ["ALL ACCOUNTS", "Inbox", "  Work", "  Home", "WORK"]
    assert shown(lines)[-1] == "HOME"
    assert lines[1].count == 7
    assert lines[1].place is not None
    assert lines[1].place.folders == (1, 9)
    assert lines[2].place is not None
    assert lines[2].place.folders == (1,)


def test_unfolded_all_accounts_share_their_other_roles_too() -> None:
    """One that only one account has is not there; the counts are the sums of what each folder shows."""
    more = (
        folder(9, HOME, "INBOX", Role.INBOX, 4),
        folder(10, HOME, "Sent", Role.SENT, 1, 5),
        folder(11, HOME, "Drafts", Role.DRAFTS, 0, 2),
        folder(12, WORK, "Drafts", Role.DRAFTS, 0, 1),
        folder(13, WORK, "Trash", Role.TRASH, 3, 3),
    )
    opened = with_fold(frozenset(), ALL_ACCOUNTS, False)
    lines = build([ALICE, HOME_ACCOUNT], (*FOLDERS, *more), {}, opened)
    assert shown(lines)[:7] == ["ALL ACCOUNTS", "Inbox", "  Work", "  Home", "Drafts", "Sent", "WORK"]
    assert [(e.count, e.total) for e in lines[4:6]] == [(3, 3), (0, 12)]
    assert [(e.place.key, e.place.folders) for e in lines[4:6] if e.place] == [
        ("unified:drafts", (11, 12)),
        ("unified:sent", (2, 10)),
    ]
    assert with_fold(opened, ALL_ACCOUNTS, True) == frozenset()


def test_only_subscribed_folders_and_what_they_are_in() -> None:
    every = [INBOX, *(replace(one, subscribed=one.path == "Projects/Aurora") for one in FOLDERS[1:])]
    lines = build([ALICE], every, {}, frozenset(), only_subscribed=frozenset((WORK,)))
    assert shown(lines) == ["WORK", "Inbox", "Sent", "Projects", "  Aurora"]
    assert len(build([ALICE], every, {}, frozenset(), only_subscribed=frozenset((HOME,)))) == 6


def test_a_disabled_account_does_not_make_two() -> None:
    lines = build(
        [ALICE, replace(HOME_ACCOUNT, enabled=False)], (*FOLDERS, folder(9, HOME, "INBOX", Role.INBOX)), {}, frozenset()
    )
    assert shown(lines)[0] == "WORK"
    assert lines[-2].state is AccountState.DISABLED


def test_the_outbox_is_there_while_something_waits() -> None:
    empty = build([ALICE], (*FOLDERS, folder(8, LOCAL, "Outbox", Role.OUTBOX)), {}, frozenset())
    assert "Outbox" not in shown(empty)
    full = build([ALICE], (*FOLDERS, folder(8, LOCAL, "Outbox", Role.OUTBOX, 0, 2)), {}, frozenset())
    assert shown(full)[0] == "Outbox"
    assert full[0].count == 2


def test_collapsed_lines_hide_what_is_beneath() -> None:
    by_key = {e.title: e.key for e in build([ALICE], FOLDERS, {}, frozenset())}
    lines = build([ALICE], FOLDERS, {}, frozenset({by_key["Projects"]}))
    assert shown(lines)[-1] == "Projects"
    assert lines[-1].collapsed
    assert shown(build([ALICE], FOLDERS, {}, frozenset({f"account:{WORK}"}))) == ["WORK"]


def test_a_folder_whose_parent_is_hidden_below_a_collapsed_one_is_hidden_too() -> None:
    deep = (folder(1, WORK, "A"), folder(2, WORK, "A/B"), folder(3, WORK, "A/B/C"))
    lines = build([ALICE], deep, {}, frozenset({f"{WORK}/A"}))
    assert shown(lines) == ["WORK", "A"]


def test_bare_prefixes_say_nothing() -> None:
    folders = (
        INBOX,
        folder(2, WORK, "INBOX/Work"),
        replace(folder(3, WORK, "[Gmail]"), selectable=False),
        folder(4, WORK, "[Gmail]/Sent Mail", Role.SENT),
    )
    assert shown(build([ALICE], folders, {}, frozenset())) == ["WORK", "Inbox", "Sent", "Work"]


def test_a_second_folder_of_a_role_keeps_its_own_name() -> None:
    folders = (folder(1, WORK, "Sent", Role.SENT), folder(2, WORK, "Sent Items", Role.SENT))
    assert shown(build([ALICE], folders, {}, frozenset())) == ["WORK", "Sent", "Sent Items"]


def test_drafts_count_all_and_sent_counts_nothing() -> None:
    folders = (folder(1, WORK, "Drafts", Role.DRAFTS, 0, 4), folder(2, WORK, "Sent", Role.SENT, 3, 9))
    assert [e.count for e in build([ALICE], folders, {}, frozenset())] == [0, 4, 0]


def test_an_account_tells_its_state() -> None:
    health = {WORK: Health(AccountState.WRONG_PASSWORD, "The password is not accepted.")}
    heading = build([ALICE], FOLDERS, health, frozenset())[0]
    assert (heading.state, heading.words) == (AccountState.WRONG_PASSWORD, "The password is not accepted.")


def test_folders_of_others_stand_last_below_their_owner() -> None:
    others = [
        replace(folder(7, WORK, "Shared folders"), shared=True, selectable=False),
        replace(folder(8, WORK, "Shared folders/bob"), shared=True, selectable=False, owner="bob"),
        replace(folder(9, WORK, "Shared folders/bob/Plans"), shared=True, owner="bob"),
    ]
    lines = build([ALICE], [INBOX, folder(4, WORK, "Zebra"), *others], {}, frozenset(), {WORK: "3.1 of 15 GB used"})
    assert shown(lines) == ["WORK", "Inbox", "Zebra", "Shared folders", "  bob", "    Plans"]
    assert lines[0].words == "3.1 of 15 GB used"

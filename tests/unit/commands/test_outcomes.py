"""What a command ends with, where the real servers of the e2e tests will not do what is needed."""

import argparse
import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from qtmail.commands import outbox, send, sync, verify
from qtmail.commands.context import Context
from qtmail.commands.output import Output
from qtmail.commands.table import Exit
from qtmail.engine.comparing import Comparison
from qtmail.engine.passes import AccountReport
from qtmail.errors import AlreadyRunning, BadInput
from qtmail.events import BodiesArrived, Problem, StateChanged
from qtmail.model import (
    Account,
    AccountKey,
    AccountState,
    ContentHash,
    Folder,
    OutboxId,
    OutboxItem,
    Protocol,
    Recipient,
    RowId,
    SendState,
    Server,
)
from qtmail.paths import Profile
from qtmail.store.values import Checked

KEY = AccountKey("a")
ITEM = OutboxItem(
    *(OutboxId(1), KEY, RowId(1), ContentHash(b""), "<1@x>", "a@x"),
    *((Recipient("b@x", "accepted", "250 ok"),), SendState.ACCEPTED, 1, 0, "250 ok", 0),
)
WORK = Account(KEY, "Work", "a@example.test", "A", Protocol.IMAP, Server("127.0.0.1", 1), Server("127.0.0.1", 2))


class Said(Output):
    """Keeps what would be written."""

    def __init__(self) -> None:
        self.results: list[Any] = []
        self.remarks: list[str] = []

    def raw(self, content: bytes) -> None:
        self.results.append(content.decode())

    def say(self, text: str) -> None:
        self.remarks.append(text)

    @property
    def value(self) -> Any:
        return json.loads("".join(self.results))


@dataclass
class FakeMail:
    """The few things these commands ask of the facade."""

    states: list[OutboxItem] = field(default_factory=list)
    checked: Checked = field(default_factory=lambda: Checked(2, 2, ()))

    def send_raw(self, raw: bytes, account: AccountKey) -> OutboxId:
        return OutboxId(1)

    def outbox_paused(self) -> bool:
        return False

    def outbox(self) -> tuple[OutboxItem, ...]:
        return ()

    def outbox_state(self, item: OutboxId) -> OutboxItem:
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]

    def folders(self) -> tuple[Folder, ...]:
        return ()

    def verify(self, progress: Any) -> Checked:
        return self.checked

    def accounts(self) -> tuple[Account, ...]:
        return (WORK,)


class FakeContext(Context):
    """A context whose facade is a fake one."""

    def __init__(self, profile: Profile, fake: FakeMail) -> None:
        super().__init__(profile, Said())
        self.fake = fake

    @property
    def mail(self) -> Any:
        return self.fake


@pytest.fixture
def context(tmp_path, monkeypatch):
    monkeypatch.setattr("qtmail.accounts.load", lambda path: (WORK,))
    return FakeContext(Profile(tmp_path), FakeMail())


class TestOutbox:
    @pytest.mark.parametrize("line", ["send", "hold", "later", "later 5", "first", "again", "delete", "pause 5"])
    def test_an_act_without_what_it_needs_is_wrong_use(self, context, line):
        parser = argparse.ArgumentParser()
        outbox.configure(parser)
        assert outbox.run(context, parser.parse_args(line.split())) is Exit.WRONG_USE
        (said,) = context.out.remarks
        assert said.startswith(f"qtmail outbox: “{line.split()[0]}”")


class TestSend:
    @pytest.fixture
    def go(self, context, tmp_path, monkeypatch):
        """Run `send` with an item that ends so. `busy`: another engine has the profile."""
        (tmp_path / "m.eml").write_bytes(b"From: a@example.test\r\nTo: b@x\r\n\r\nHi\r\n")
        monkeypatch.setattr(send, "_POLL_SECONDS", 0.0)

        def run(*states, busy=False, as_json=True):
            def flush(profile, accounts):
                assert accounts == (WORK,)
                if busy:
                    raise AlreadyRunning("Another one has it.")

            monkeypatch.setattr("qtmail.engine.passes.flush_outbox", flush)
            context.fake.states = list(states)
            options = argparse.Namespace(file=str(tmp_path / "m.eml"), account=None, json=as_json)
            return send.run(context, options)

        return run

    @pytest.mark.parametrize(
        ("state", "code"),
        [
            (SendState.ACCEPTED, Exit.DONE),
            (SendState.REFUSED, Exit.FAILED),
            (SendState.UNCERTAIN, Exit.PARTLY),
            (SendState.DEFERRED, Exit.PARTLY),
        ],
    )
    def test_exit_codes(self, go, context, state, code):
        assert go(replace(ITEM, state=state)) is code
        assert context.out.value["state"] == state.value
        assert context.out.value["message_id"] == "<1@x>"

    def test_refused_for_some_is_partly_done_and_named(self, go, context):
        refused = Recipient("c@x", "refused", "550 no")
        assert go(replace(ITEM, recipients=(*ITEM.recipients, refused))) is Exit.PARTLY
        assert context.out.remarks == ["qtmail: c@x was refused: 550 no"]

    def test_the_open_window_sends_it(self, go, context):
        queued = replace(ITEM, state=SendState.QUEUED)
        assert go(queued, replace(ITEM, state=SendState.DATA), ITEM, busy=True) is Exit.DONE
        assert context.out.value["state"] == "accepted"
        assert "window" in context.out.remarks[0]

    def test_the_window_puts_it_off(self, go):
        put_off = replace(ITEM, state=SendState.DEFERRED, attempts=1)
        assert go(replace(ITEM, state=SendState.QUEUED), put_off, busy=True) is Exit.PARTLY

    def test_the_window_never_answers(self, go, context, monkeypatch):
        monkeypatch.setattr(send, "_WAIT_SECONDS", 0)
        assert go(replace(ITEM, state=SendState.QUEUED), busy=True, as_json=False) is Exit.PARTLY
        assert "Not sent yet" in context.out.results[0]

    def test_uncertain_says_what_that_means(self, go, context):
        go(replace(ITEM, state=SendState.UNCERTAIN), as_json=False)
        assert "may have been sent or not" in context.out.results[0]

    def test_the_servers_words_are_marked_as_such(self, go, context):
        go(replace(ITEM, state=SendState.REFUSED, reply="554 zz"))
        assert "qtmail: The last words were: 554 zz" in context.out.remarks

    def test_whose_mail_it_is(self, context):
        def chosen(sender: str, *every: Account, name: str | None = None) -> str:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("qtmail.accounts.load", lambda path: every)
                return send._account(context, f"From: {sender}\r\n\r\n".encode(), name).name

        home = replace(WORK, key=AccountKey("h"), name="Home", address="h@example.test")
        mute = replace(WORK, key=AccountKey("m"), name="Mute", address="m@example.test", outgoing=None)
        assert chosen("A <A@example.test>", home, WORK) == "Work"
        assert chosen("other@example.test", WORK, mute) == "Work"
        assert chosen("a@example.test", WORK, home, name="home") == "Home"
        with pytest.raises(BadInput, match="No account has the From address"):
            chosen("other@example.test", home, WORK)
        with pytest.raises(BadInput, match="No account can send"):
            chosen("m@example.test", mute)


class TestSync:
    GOOD = AccountReport("Work", 3, 2, 1, 500, 0.25, ())
    BAD = AccountReport("Home", 0, 0, 0, 0, 0.1, (Problem(KEY, "It failed.", "Try.", "NO", retry=True),))

    def go(self, context, monkeypatch, *reports):
        def once(profile, accounts, emit):
            emit(StateChanged(KEY, AccountState.SYNCING, "Fetching"))
            emit(StateChanged(KEY, AccountState.SYNCING, "Fetching", 5, 10))
            emit(BodiesArrived(()))
            emit(StateChanged(KEY, AccountState.IDLE))
            return reports

        monkeypatch.setattr("qtmail.engine.passes.sync_once", once)
        return sync.run(context, argparse.Namespace(account=[], answer=None, attachments=False, json=True))

    def test_shape(self, context, monkeypatch):
        assert self.go(context, monkeypatch, self.GOOD) is Exit.DONE
        assert context.out.value == {
            "accounts": [
                {
                    "account": "Work",
                    "folders": 3,
                    "new": 2,
                    "bodies": 1,
                    "bytes": 500,
                    "seconds": 0.25,
                    "problems": [],
                }
            ],
            "attachments_left": 0,
        }
        assert context.out.remarks == ["Work: Fetching"]

    def test_some_failed(self, context, monkeypatch):
        assert self.go(context, monkeypatch, self.GOOD, self.BAD) is Exit.PARTLY
        problem = {"what": "It failed.", "retry": True, "hint": "Try.", "server_words": "NO"}
        assert context.out.value["accounts"][1]["problems"] == [problem]
        assert context.out.remarks[-1] == 'qtmail: Home: It failed. The server said: "NO". Try.'

    def test_all_failed(self, context, monkeypatch):
        assert self.go(context, monkeypatch, self.BAD) is Exit.FAILED

    def test_a_folder_in_trouble_is_partly_done(self, context, monkeypatch):
        assert self.go(context, monkeypatch, replace(self.GOOD, problems=self.BAD.problems)) is Exit.PARTLY

    def test_nothing_to_sync(self, context, monkeypatch):
        monkeypatch.setattr("qtmail.accounts.load", lambda path: (replace(WORK, enabled=False),))
        with pytest.raises(BadInput, match="no account to sync"):
            self.go(context, monkeypatch)


CLEAN = Comparison()


class TestVerify:
    def go(self, context, monkeypatch, found=CLEAN, *, offline=False):
        asked = []
        monkeypatch.setattr("qtmail.engine.comparing.compare", lambda profile, account: asked.append(account) or found)
        code = verify.run(context, argparse.Namespace(offline=offline, rescue=None, json=True, repair=False))
        return code, asked

    def test_clean(self, context, monkeypatch):
        assert self.go(context, monkeypatch) == (Exit.DONE, [WORK])
        value = dict(context.out.value)
        assert {folder["folder"] for folder in value.pop("folders")} == {
            context.folder_name(folder) for folder in context.mail.folders()
        }
        assert value == {"ok": True, "messages": 2, "checked": 2, "problems": [], "remarks": []}

    def test_a_problem_is_a_failure_a_remark_is_not(self, context, monkeypatch):
        assert self.go(context, monkeypatch, Comparison(remarks=("1 new.",)))[0] is Exit.DONE
        context.out.results.clear()
        assert self.go(context, monkeypatch, Comparison(problems=("1 missing.",)))[0] is Exit.FAILED
        assert context.out.value["problems"] == ["1 missing."]

    def test_offline_asks_nobody(self, context, monkeypatch):
        context.fake.checked = Checked(2, 1, ("broken",))
        assert self.go(context, monkeypatch, offline=True) == (Exit.FAILED, [])

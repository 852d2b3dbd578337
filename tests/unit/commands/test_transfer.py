"""import, export, backup and restore as commands: what they print and what they end with."""

import argparse
import json
import signal
from dataclasses import replace

import pytest

from qtmail import accounts
from qtmail.commands import backup, export, import_mail, restore
from qtmail.commands.context import Context
from qtmail.commands.stoppable import stoppable
from qtmail.commands.table import Exit
from qtmail.errors import BadInput
from qtmail.model import AccountKey, Protocol, Server
from qtmail.paths import Profile
from tests.unit.commands.test_outcomes import WORK, Said


@pytest.fixture
def context(tmp_path):
    profile = Profile(tmp_path / "profile").create()
    home = replace(WORK, key=AccountKey("h"), name="Home", protocol=Protocol.POP3, incoming=Server("x.test", 1))
    accounts.put(profile.accounts, home)
    made = Context(profile, Said())
    yield made
    made.close()


def run(context, module, *words):
    """-> (how it ended, its JSON if it printed one, what it said)."""
    parser = argparse.ArgumentParser()
    module.configure(parser)
    context.out.results.clear()
    context.out.remarks.clear()
    code = module.run(context, parser.parse_args([str(word) for word in words]))
    lines = "".join(context.out.results).splitlines()
    return code, json.loads(lines[-1]) if lines and lines[-1].startswith("{") else None, context.out.remarks


@pytest.fixture
def letters(tmp_path):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for name in ("a", "b", "sub/c"):
        (tmp_path / "in" / f"{name}.eml").write_text(f"From: a@x\nSubject: {name}\n\nx\n")
    return tmp_path / "in"


def test_look_then_import_then_again(context, letters, tmp_path):
    code, found, _ = run(context, import_mail, letters, "--look", "--json")
    assert (code, found["kind"]) == (Exit.DONE, "files")
    assert [(one["path"], one["messages"]) for one in found["folders"]] == [("", 2), ("sub", 1)]
    assert run(context, import_mail, letters)[0] is Exit.WRONG_USE
    (letters / "bad.eml").write_bytes(b"\0\1")
    into = ("--into", "Home/Archive", "--json")
    code, found, said = run(context, import_mail, letters, *into, "--report", tmp_path / "report.txt")
    assert code is Exit.PARTLY
    assert (found["new"], found["already_there"], found["unreadable"][0]["where"]) == (3, 0, "bad.eml")
    assert [one["folder"] for one in found["folders"]] == ["Home/Archive", "Home/Archive/sub"]
    assert any("bad.eml is no mail" in line for line in said)
    assert "Home/Archive/sub: 1 new" in (tmp_path / "report.txt").read_text()
    assert run(context, import_mail, letters, *into)[1]["already_there"] == 3


def test_export_each_way(context, letters, tmp_path):
    run(context, import_mail, letters, "--into", "Home/Archive")
    code, told, _ = run(context, export, "Home/Archive", tmp_path / "all", "--below", "--format", "maildir", "--json")
    assert (code, told["written"], told["files"]) == (Exit.DONE, 3, 2)
    assert (tmp_path / "all" / ".sub" / "cur").is_dir()
    row = context.mail.search("subject:a")[0]
    for number, (words, form) in enumerate([(("--search", "subject:b"), "mbox"), (("--ids", row), "eml")]):
        assert run(context, export, tmp_path / f"{number}", *words, "--format", form, "--json")[1]["written"] == 1
    for words in (["Home/Archive", "x", "--search", "a"], ["x"], ["x", "--ids", "a,b"]):
        with pytest.raises(BadInput):
            run(context, export, *words, "--format", "mbox")


def test_backup_rehearse_status_restore(context, letters, tmp_path):
    with pytest.raises(BadInput, match="Where shall the backup be"):
        run(context, backup)
    assert run(context, backup, "--status")[0] is Exit.FAILED
    run(context, import_mail, letters, "--into", "Home/Archive")
    folder = tmp_path / "backup"
    code, told, _ = run(context, backup, folder, "--json")
    assert (code, told["messages"], told["new"], told["verified"]) == (Exit.DONE, 3, 3, True)
    code, told, _ = run(context, backup, folder, "--rehearse", "--json")
    assert (code, told) == (Exit.DONE, {"ok": True, "messages": 3, "equal": 3, "problems": []})
    assert run(context, backup, "--status", "--json")[1]["messages"] == 3
    code, told, _ = run(context, restore, folder, "--json")
    assert (code, told["new"], told["already_there"], told["accounts"]) == (Exit.DONE, 0, 3, [])
    next((folder / "mail").rglob("cur/*")).unlink()
    assert run(context, backup, folder, "--rehearse")[0] is Exit.FAILED


def test_ctrl_c_once_stops_in_order():
    with stoppable() as stop:
        assert not stop.is_set()
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

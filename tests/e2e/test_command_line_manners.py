"""How commands behave as programs: exit codes, streams, locales, pipes, interrupts, and what they load."""

import contextlib
import mailbox
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.model import Protocol, Security, Server

from .conftest import Program


@pytest.fixture(scope="module")
def filled(tmp_path_factory, keyring, dovecot):
    """An account that is never synced, with two messages imported; no test adds or removes any."""
    root = tmp_path_factory.mktemp("filled")
    keyring.ensure()
    program = Program(root / "profile", dict(keyring.environment))
    program.add(replace(dovecot.account(dovecot.add_user(), Protocol.POP3), name="Pop"))
    (root / "mail").mkdir()
    for number in range(2):
        raw = f"From: a@example.test\r\nSubject: Größe {number}\r\n\r\n山田\r\n".encode()
        (root / "mail" / f"{number}.eml").write_bytes(raw)
    program("import", root / "mail", "--into", "Pop/INBOX")
    return program


def test_results_on_stdout_the_rest_on_stderr(filled):
    listed = filled("list", "Pop/INBOX")
    assert len(listed.text.splitlines()) == 2
    assert listed.err == ""
    flagged = filled("flag", filled.ids("Pop/INBOX")[0], "+seen")
    assert flagged.out == b""
    assert flagged.err == "Mark 1 message read\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "Pop/Nowhere"], "There is no folder “Pop/Nowhere”"),
        (["show", "999999"], "There is no message 999999"),
        (["show", "abc"], "is not the id of a message"),
        (["move", "999999", "Pop/Trash"], "There is no message 999999"),
        (["search", "colour:red"], "Search does not know"),
        (["account", "show", "Nobody"], "There is no account “Nobody”"),
        (["sync", "--account", "Nobody"], "There is no account “Nobody”"),
        (["import", "/nowhere", "--into", "Pop/INBOX"], "is not there"),
        (["flag", "1"], "No flag is named"),
        (["export", "Pop/INBOX", "-", "--format", "eml"], "Only an mbox can be written to stdout"),
    ],
)
def test_failures_are_one_line_and_exit_1(filled, words, said):
    told = filled(*words, code=1)
    assert told.out == b""
    assert told.err.startswith("qtmail: ")
    assert said in told.err
    assert told.err.count("\n") == 1


def test_an_mbox_to_stdout(filled, tmp_path):
    told = filled("export", "Pop/INBOX", "-", "--format", "mbox")
    (tmp_path / "out").write_bytes(told.out)
    with contextlib.closing(mailbox.mbox(tmp_path / "out")) as box:
        assert len(box) == 2
    assert told.err == ""
    assert not Path("-").exists()


def test_some_of_it_is_exit_3(filled):
    row = filled.ids("Pop/INBOX")[0]
    told = filled("show", row, 999999, "--json", code=3)
    assert told.json["id"] == row


def test_wrong_use_is_exit_2(filled):
    assert "error:" in filled("list", code=2).err


def test_any_locale(filled):
    for settings in ({"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        told = filled.run("list", "Pop/INBOX", "--json", **settings)
        assert told.code == 0
        assert {row["subject"] for row in told.json} == {"Größe 0", "Größe 1"}
        for form in ("--text", "--source"):
            assert filled.run("show", filled.ids("Pop/INBOX")[0], form, **settings).code == 0


def test_nobody_reads_to_the_end(filled):
    running = subprocess.Popen(
        filled.command("list", "Pop/INBOX"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | filled.environment,
    )
    assert running.stdout is not None
    running.stdout.close()
    _, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (0, b"")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams(filled, closed):
    words = filled.command("list", "Pop/INBOX")
    told = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=os.environ | filled.environment,
        timeout=30,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, b"")
    assert len(told.stdout.splitlines()) == (0 if " >&-" in f" {closed}" else 2)


def test_a_name_that_is_no_text(filled):
    words = filled.command("folders")
    words[2] = os.fsdecode(os.fsencode(words[2]) + b"\xff")
    told = subprocess.run(words, capture_output=True, env=os.environ | filled.environment, timeout=30, check=False)
    assert told.returncode == 1
    assert told.stderr.startswith(b"qtmail: The profile folder")


def test_interrupted(qtmail, dovecot):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        account = dovecot.account(dovecot.add_user())
        server = Server("127.0.0.1", silent.getsockname()[1], Security.NONE, "someone")
        qtmail.add(replace(account, name="Slow", incoming=server))
        running = subprocess.Popen(
            qtmail.command("sync"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | qtmail.environment,
        )
        silent.settimeout(30)
        connection, _ = silent.accept()
        with connection:
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert out == b""
    assert b"Interrupted" in err
    assert b"Traceback" not in err


def test_interrupted_while_it_starts():
    """Whatever is being loaded when the signal comes; before that it is Python that starts, not this program."""
    code = (
        "import sys\n"
        "from qtmail.__main__ import main\n"
        "class Late:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'qtmail.commands.line':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Late())\n"
        "sys.exit(main(['folders']))\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30, check=False)
    assert ended.returncode == 130
    assert ended.stderr.decode() == "qtmail: Interrupted. What was done so far is kept.\n"


def test_two_engines(filled):
    """The lock of a running engine is told in words."""
    code = (
        "import sys; from pathlib import Path; from qtmail.engine.lock import engine_lock\n"
        "from qtmail.paths import Profile\n"
        "with engine_lock(Profile(Path(sys.argv[1]))):\n    print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(filled.profile)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        told = filled("sync", code=1)
        assert "Another qtmail" in told.err
        assert len(filled.ids("Pop/INBOX")) == 2
        assert holder.stdin is not None
        holder.stdin.close()


def test_listing_loads_neither_qt_nor_the_network(filled):
    code = (
        "import sys; from qtmail.__main__ import main\n"
        f"code = main(['--profile', {str(filled.profile)!r}, 'list', 'Pop/INBOX'])\n"
        "heavy = {'PySide6', 'imapclient', 'imaplib', 'smtplib', 'poplib', 'keyring', 'nh3', 'selectolax'}\n"
        "print(sorted(heavy & set(sys.modules))); sys.exit(code)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert found.stdout.splitlines()[-1] == "[]"

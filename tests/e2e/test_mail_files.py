"""Import and backup as commands, killed at any moment: each message is there once in the end, and a backup is good."""

import subprocess
from dataclasses import replace

import pytest

from qtmail.model import Protocol

from .conftest import Program

COUNT = 1200


@pytest.fixture
def pop(tmp_path, keyring, dovecot):
    """An account that is never synced."""
    keyring.ensure()
    program = Program(tmp_path / "profile", dict(keyring.environment))
    program.add(replace(dovecot.account(dovecot.add_user(), Protocol.POP3), name="Pop"))
    return program


def total(program: Program, folder: str) -> int:
    return next(one["total"] for one in program("folders", "--json").json if one["folder"] == folder)


def killed_when(program: Program, *words: object, said: str) -> None:
    """Start the command, and kill -9 it as soon as a line of its progress has this."""
    with subprocess.Popen(program.command(*words), stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if said in line:
                break
        running.kill()


def test_killed_import_and_backup_go_on(pop, tmp_path):
    body = "x" * 600
    with (tmp_path / "box").open("w") as file:
        for number in range(COUNT):
            file.write(f"From a Thu Jan  4 10:20:30 2024\nSubject: {number}\nMessage-ID: <{number}@x>\n\n{body}\n\n")
    killed_when(pop, "import", tmp_path / "box", "--into", "Pop/Archive", said="read")
    kept = total(pop, "Pop/Archive")
    told = pop("import", tmp_path / "box", "--into", "Pop/Archive", "--json").json
    assert (told["new"], told["already_there"]) == (COUNT - kept, kept)
    assert total(pop, "Pop/Archive") == COUNT
    killed_when(pop, "backup", tmp_path / "backup", said="of")
    assert pop("backup", tmp_path / "backup", "--json").json["messages"] == COUNT
    assert pop("backup", tmp_path / "backup", "--rehearse", "--json").json == {
        "ok": True,
        "messages": COUNT,
        "equal": COUNT,
        "problems": [],
    }
    assert pop("verify", "--offline", "--json").json["ok"]


def test_a_window_that_goes_away_ends_what_it_started(pop, tmp_path):
    """Its end of the pipe closes: the command stops in order, and what was taken in stays."""
    (tmp_path / "a.eml").write_text("From: a@x\nSubject: a\n\nx\n")
    told = pop.run("import", tmp_path / "a.eml", "--into", "Pop/Archive", "--watched")
    assert told.code in (0, 130)
    assert total(pop, "Pop/Archive") <= 1


def test_pdf_files_without_a_screen(pop, tmp_path):
    (tmp_path / "a.eml").write_text("From: Bo <b@x>\nSubject: Grüße/Plan\n\nHello\n")
    pop("import", tmp_path / "a.eml", "--into", "Pop/Archive")
    assert pop("export", "Pop/Archive", tmp_path / "pdf", "--format", "pdf", "--json").json["written"] == 1
    (made,) = (tmp_path / "pdf").iterdir()
    assert made.name.endswith("Grüße Plan (1).pdf")
    assert made.read_bytes().startswith(b"%PDF")

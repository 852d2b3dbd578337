"""How the command line is read: program options, the command's own, and what the window opens."""

from pathlib import Path

import pytest

from qtmail.commands.line import parse
from qtmail.commands.table import COMMANDS, named, plus_and_minus
from qtmail.paths import default_profile


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as ended:
        parse([command.name, "--help"])
    assert ended.value.code == 0
    assert f"qtmail {command.name}" in capsys.readouterr().out


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit):
        parse(["--help"])
    told = capsys.readouterr().out
    assert [command.name for command in COMMANDS if command.name not in told] == []
    assert "--engine" not in told


def test_version(capsys):
    with pytest.raises(SystemExit) as ended:
        parse(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("qtmail ")


def test_nothing_is_the_window():
    found = parse([])
    assert (found.command, found.engine, found.demo, found.opens) == (None, False, False, ())
    assert found.profile == default_profile()


def test_the_profile_may_stand_before_or_after_the_command(tmp_path):
    assert parse(["--profile", str(tmp_path), "folders"]).profile.root == tmp_path
    assert parse(["folders", "--json", "--profile", str(tmp_path)]).profile.root == tmp_path


def test_engine_demo_and_tour(tmp_path):
    assert parse(["--engine"]).engine
    found = parse(["--demo", "--tour", str(tmp_path)])
    assert (found.demo, found.tour) == (True, tmp_path)


def test_options_of_a_command():
    options = parse(["list", "Work/INBOX", "--limit", "5", "--json"]).options
    assert (options.folder, options.limit, options.json) == ("Work/INBOX", 5, True)


@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["list", "Work/INBOX", "--limit", "-1"],
        ["show"],
        ["show", "1", "--text", "--json"],
        ["account"],
        ["account", "paint"],
        ["export", "Work/INBOX", "out", "--format", "pst"],
        ["folders", "--no-such-option"],
        ["--no-such-option"],
        ["lst"],
        ["missing.eml"],
    ],
)
def test_wrong_use_ends_with_2_and_a_sentence(words, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(words)
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "error:" in told.err


def test_a_mistyped_command_is_guessed(capsys):
    with pytest.raises(SystemExit):
        parse(["serach", "x"])
    assert "Did you mean “search”?" in capsys.readouterr().err


def test_mail_files_and_addresses_go_to_the_window(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.eml").write_bytes(b"Subject: a\r\n\r\n")
    found = parse(["a.eml", "mailto:bob@example.test?subject=Hi"])
    assert found.command is None
    assert found.opens == (str(tmp_path / "a.eml"), "mailto:bob@example.test?subject=Hi")


def test_plus_and_minus():
    assert plus_and_minus(["7", "+seen", "-flagged", "--json", "-h"]) == [
        "7",
        "--on=seen",
        "--off=flagged",
        "--json",
        "-h",
    ]


def test_flag_takes_several_ids_and_changes_in_any_order():
    options = parse(["flag", "+seen", "7", "8", "-flagged", "+$Forwarded"]).options
    assert (options.ids, options.on, options.off) == (["7", "8"], ["seen", "$Forwarded"], ["flagged"])


def test_search_may_leave_words_out():
    options = parse(["search", "lunch", "-spam", "--limit", "3"]).options
    assert (options.query, options.without, options.limit) == (["lunch"], ["spam"], 3)


def test_every_command_is_found_by_name_and_has_its_two_functions():
    for command in COMMANDS:
        assert named(command.name) is command
        assert callable(command.module().configure)
        assert callable(command.module().run)
    assert named("paint") is None

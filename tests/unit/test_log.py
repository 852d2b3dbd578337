"""The log: private files, and no credential in them whatever is logged."""

import logging
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail import log
from qtmail.paths import Profile

pytestmark = pytest.mark.expects_log


@pytest.fixture(autouse=True)
def _root_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(log, "_secrets", set())
    root = logging.getLogger()
    level = root.level
    yield
    for handler in [one for one in root.handlers if getattr(one, "of_qtmail", False)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def logged(profile: Profile, name: str = "qtmail") -> str:
    return (profile.logs / f"{name}.log").read_text("utf-8")


def test_files_are_private_and_one_a_process(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "profile")
    log.configure(profile)
    log.configure(profile, name="engine")
    logging.getLogger("qtmail.x").info("hello %s", "there")
    assert "INFO" in logged(profile, "engine")
    assert "hello there" in logged(profile, "engine")
    assert "hello" not in logged(profile)
    if os.name == "posix":
        assert stat.S_IMODE((profile.logs / "engine.log").stat().st_mode) == 0o600
        assert stat.S_IMODE(profile.logs.stat().st_mode) == 0o700


def test_an_open_file_is_closed_to_others_again(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    profile.logs.mkdir()
    (profile.logs / "qtmail.log").touch(mode=0o666)
    log.configure(profile)
    assert stat.S_IMODE((profile.logs / "qtmail.log").stat().st_mode) == 0o600


def test_files_rotate_and_stay_private(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    log.configure(profile)
    for _ in range(30):
        logging.getLogger("qtmail").info("x" * 100_000)
    files = sorted(file.name for file in profile.logs.iterdir())
    assert files == ["qtmail.log", "qtmail.log.1", "qtmail.log.2"]
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in profile.logs.iterdir())


def test_warnings_reach_the_terminal_and_verbose_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Profile(tmp_path))
    logging.getLogger("qtmail").info("quiet")
    logging.getLogger("qtmail").warning("loud")
    assert capsys.readouterr().err == "WARNING: loud\n"
    log.configure(Profile(tmp_path), verbose=True)
    logging.getLogger("qtmail").info("now heard")
    logging.getLogger("qtmail").debug("only in the file")
    assert capsys.readouterr().err == "INFO: now heard\n"
    assert "only in the file" in logged(Profile(tmp_path))


def test_protocol_lines_of_the_libraries_are_never_logged(tmp_path: Path) -> None:
    log.configure(Profile(tmp_path), verbose=True)
    logging.getLogger("imapclient.imaplib").debug("> A1 APPEND INBOX private words")
    logging.getLogger("imapclient").info("private words")
    assert "private" not in logged(Profile(tmp_path))


@pytest.mark.parametrize(
    "line",
    [
        'A1 LOGIN "alice" "s3cret"',
        "A1 LOGIN alice s3cret",
        'A1 LOGIN "al ice" "s3c\\"s3cret"',
        "A1 AUTHENTICATE PLAIN s3cret==",
        "AUTH PLAIN s3cret",
        "PASS s3cret",
        "APOP alice s3cret",
        "password=s3cret",
        "{'password': 's3cret'}",
        "Authorization: Bearer s3cret",
        "imap://alice:s3cret@host/INBOX",
        "token = s3cret",
    ],
)
def test_credentials_in_known_forms_are_blotted_out(tmp_path: Path, line: str) -> None:
    log.configure(Profile(tmp_path))
    logging.getLogger("qtmail").info("line: %s", line)
    text = logged(Profile(tmp_path))
    assert "s3cret" not in text
    assert "line:" in text
    assert "●●●" in text


@pytest.mark.parametrize(
    "line",
    [
        "login failed because the password is wrong",
        "The password of this account passed the test",
        "folder Secret Santa has 3 messages",
    ],
)
def test_ordinary_sentences_stay(line: str) -> None:
    assert log.clean(line) == line


def test_a_known_secret_is_blotted_out_everywhere(tmp_path: Path) -> None:
    log.configure(Profile(tmp_path))
    log.redact("correct horse")
    log.redact("a")
    try:
        raise ValueError("it was " + "correct" + " horse, alas")
    except ValueError:
        logging.getLogger("qtmail").exception("reply %r", ["x", "correct horse"])
    text = logged(Profile(tmp_path))
    assert "correct horse" not in text
    assert text.count("●●●") == 2
    assert "Traceback" in text
    assert "alas" in text


def test_a_log_that_cannot_be_written_does_not_stop_anything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    log.configure(Profile(tmp_path / "file"))
    logging.getLogger("qtmail").warning("still told")
    err = capsys.readouterr().err
    assert "no log file" in err
    assert "still told" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only where there is a device that is always full")
def test_a_full_disk_loses_the_record_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile = Profile(tmp_path)
    profile.logs.mkdir()
    (profile.logs / "qtmail.log").symlink_to("/dev/full")
    log.configure(profile)
    logging.getLogger("qtmail").info("lost")
    logging.getLogger("qtmail").warning("told")
    assert capsys.readouterr().err == "WARNING: told\n"
    assert sys.stderr

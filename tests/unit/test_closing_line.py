"""tests/run's last line: all runs added up."""

from pathlib import Path

from tests.closing_line import closing_lines

TAGS = {"f": "<failure/>", "e": "<error/>", "s": "<skipped/>", ".": ""}


def report(path: Path, seconds: float, **tests: str) -> Path:
    """A JUnit report: each test's letter is what became of it; two letters: its run, and its clearing up."""
    cases = "".join(
        f'<testcase classname="module" name="{name}">{TAGS[letter]}</testcase>'
        for name, letters in tests.items()
        for letter in letters
    )
    path.write_text(f'<testsuites><testsuite time="{seconds}">{cases}</testsuite></testsuites>')
    return path


def test_the_runs_are_added_up(tmp_path: Path) -> None:
    first = report(tmp_path / "1.xml", 2.5, a=".", b="f", c=".")
    second = report(tmp_path / "2.xml", 1.25, d="s", e=".e", g=".")
    assert closing_lines([first, second]) == ["=== 1 failed, 3 passed, 1 skipped, 1 errors in 3.75s ==="]


def test_what_passed_only_alone_is_named(tmp_path: Path) -> None:
    first = report(tmp_path / "1.xml", 1, a="f", b="f", c="e", d=".")
    again = report(tmp_path / "2.xml", 1, a=".", b="f", c="s")
    assert closing_lines([first, again]) == [
        "Passed only when asked again, alone: module::a",
        "Passed only when asked again, alone: module::c",
        "=== 1 failed, 2 passed, 1 skipped in 2.00s ===",
    ]

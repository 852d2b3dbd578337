"""tests/run's last line: all runs added up."""

from pathlib import Path

from tests.closing_line import closing_line

REPORT = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}" time="{}"/></testsuites>'


def test_the_runs_are_added_up(tmp_path: Path) -> None:
    first, second = tmp_path / "one.xml", tmp_path / "two.xml"
    first.write_text(REPORT.format(10, 1, 0, 0, 2.5))
    second.write_text(REPORT.format(4, 0, 1, 1, 1.25))
    assert closing_line([str(first), str(second)]) == "=== 1 failed, 11 passed, 1 skipped, 1 errors in 3.75s ==="


def test_all_is_well(tmp_path: Path) -> None:
    only = tmp_path / "one.xml"
    only.write_text(REPORT.format(7, 0, 0, 0, 1))
    assert closing_line([str(only)]) == "=== 7 passed in 1.00s ==="

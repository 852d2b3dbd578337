"""Adds up the JUnit reports of several pytest runs and prints one closing line, as pytest would have.

    closing_line.py REPORT...              the line; a test that is in several reports counts as in the last one
    closing_line.py --failed REPORT        how many failed

A test whose later report is better than an earlier one is named before the line: it is not hidden that it failed once.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

OUTCOMES = ("failed", "passed", "skipped", "errors")
_TAGS = {"failure": "failed", "error": "errors", "skipped": "skipped"}
Test = tuple[str, str]
"""(class or module, name)"""


def outcomes(report: Path) -> dict[Test, str]:
    """What became of each test; the worst where it is told of twice (its run and its clearing up)."""
    found: dict[Test, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        test = (case.get("classname", ""), case.get("name", ""))
        told = [_TAGS[child.tag] for child in case if child.tag in _TAGS]
        found[test] = (told or [found.get(test, "passed")])[0]
    return found


def seconds(report: Path) -> float:
    """How long it took."""
    return sum(float(suite.get("time", 0)) for suite in ElementTree.parse(report).iter("testsuite"))


def bad(outcome: str) -> bool:
    """Whether it is a failure."""
    return outcome in ("failed", "errors")


def closing_lines(reports: Sequence[Path]) -> list[str]:
    """See the module; raises what reading the files raises."""
    last: dict[Test, str] = {}
    lines = []
    for report in reports:
        for test, outcome in outcomes(report).items():
            if bad(last.get(test, "")) and not bad(outcome):
                lines.append(f"Passed only when asked again, alone: {'::'.join(test)}")
            last[test] = outcome
    counts = {outcome: list(last.values()).count(outcome) for outcome in OUTCOMES}
    words = [f"{number} {what}" for what, number in counts.items() if number or what == "passed"]
    return [*lines, f"=== {', '.join(words)} in {sum(map(seconds, reports)):.2f}s ==="]


if __name__ == "__main__":
    if sys.argv[1] == "--failed":
        print(sum(bad(outcome) for outcome in outcomes(Path(sys.argv[2])).values()))
    else:
        print("\n".join(closing_lines([Path(name) for name in sys.argv[1:] if Path(name).exists()])))

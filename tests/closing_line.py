"""Adds up the JUnit reports of several pytest runs and prints one closing line, as pytest would have."""

import sys
from xml.etree import ElementTree


def closing_line(reports: list[str]) -> str:
    """The line for the files named; raises what reading them raises."""
    counts = dict.fromkeys(("failed", "passed", "skipped", "errors"), 0)
    seconds = 0.0
    for report in reports:
        for suite in ElementTree.parse(report).iter("testsuite"):
            counts["failed"] += int(suite.get("failures", 0))
            counts["errors"] += int(suite.get("errors", 0))
            counts["skipped"] += int(suite.get("skipped", 0))
            counts["passed"] += int(suite.get("tests", 0))
            seconds += float(suite.get("time", 0))
    counts["passed"] -= counts["failed"] + counts["errors"] + counts["skipped"]
    words = [f"{number} {what}" for what, number in counts.items() if number or what == "passed"]
    return f"=== {', '.join(words)} in {seconds:.2f}s ==="


if __name__ == "__main__":
    print(closing_line(sys.argv[1:]))

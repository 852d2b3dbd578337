"""Mail that machines write, in series: what a folder for reports looks like after some weeks."""

from collections.abc import Iterator

from qtmail.demo.samples import Entry

_RUNS = (
    (1, 118, 0, "Projector 9 learns which way is up"),
    (2, 117, 0, "Fade the corridor in 4 s instead of 3"),
    (3, 117, 2, "Fade the corridor in 3 s"),
    (5, 115, 0, "Dim empty rooms"),
    (8, 112, 0, "Remove Klingon from the kiosk"),
    (9, 112, 1, "Add Klingon to the kiosk"),
    (12, 109, 0, "Play the snow from the left first"),
    (16, 104, 0, "Larger labels in room 1"),
    (21, 98, 4, "Tidy up (this will be quick)"),
    (22, 98, 0, "Tidy up, second try"),
    (29, 91, 0, "The whole sky in one texture"),
    (36, 88, 0, "Twenty-four projectors agree on a clock"),
)
"""(days ago, checks, of them failed, what was changed)"""


def build_reports() -> Iterator[Entry]:
    """The build robot's reports, oldest first."""
    for number, (days, checks, failed, change) in reversed(list(enumerate(reversed(_RUNS), 301))):
        state = f"{failed} of {checks} checks failed" if failed else f"all {checks} checks passed"
        sign = "❌" if failed else "✅"
        text = f"Build {number}: {change}\n\n{state.capitalize()}.\n"
        if failed:
            text += "\nThe room keeps running on the build before this one.\n"
        yield Entry(
            folder="Build reports",
            age=f"{days}d 03:{number % 60:02}",
            marks=frozenset({"unread"} if days < 3 else ()),
            headers=(
                ("From", "robot"),
                ("Subject", f"{sign} Build {number}: {state}"),
                ("Auto-Submitted", "auto-generated"),
            ),
            directives={},
            text=text,
        )

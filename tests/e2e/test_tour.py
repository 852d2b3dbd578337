"""The tour as a user starts it: the program with its demo servers, without a display, every step of it."""

import os
import subprocess
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from qtmail.ui.tour.script import STEPS
from tests.e2e.conftest import PROGRAM

SECONDS = 300
LEAST_WIDE = 1000


def take(folder: Path) -> "subprocess.CompletedProcess[str]":
    without = {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"}
    environment = {name: value for name, value in os.environ.items() if name not in without}
    return subprocess.run(
        [str(PROGRAM), "--demo", "--tour", str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.serial
def test_every_step_of_the_tour_happens(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    ended = take(pictures)
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    lines = ended.stdout.splitlines()
    assert [line.split()[:2] for line in lines[:-1]] == [
        ["ok", f"{number:02}-{step.name}"] for number, step in enumerate(STEPS, start=1)
    ]
    assert lines[-1].startswith("The tour is done")
    assert "Traceback" not in ended.stderr
    kept = sorted(path.stem for path in pictures.iterdir())
    assert kept == [f"{number:02}-{step.name}" for number, step in enumerate(STEPS, start=1) if step.picture]
    images = [QImage(str(path)) for path in sorted(pictures.iterdir())]
    assert all(image.width() >= LEAST_WIDE for image in images)
    assert len(images) >= 12
    alike = [name for name, one, other in zip(kept[1:], images[1:], images[:-1], strict=True) if one == other]
    assert alike == [], "these pictures show what the one before does"


@pytest.mark.serial
def test_a_tour_that_cannot_keep_its_pictures_says_so(tmp_path: Path) -> None:
    in_the_way = tmp_path / "pictures"
    in_the_way.write_text("a file")
    ended = take(in_the_way)
    assert ended.returncode == 1
    assert "FAILED" in ended.stdout
    assert "Traceback" not in ended.stderr

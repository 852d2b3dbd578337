"""Attachments as files: types that run, private copies for other programs to open."""

import logging
import shutil
import tempfile
from pathlib import Path, PurePath

from qtmail.mime.file_names import safe_name

log = logging.getLogger(__name__)

_RUNS = """
ade adp app appimage apk bat chm cmd com command cpl crx deb desktop dll dmg docm dotm exe gadget hta htm html img inf
ins iso jar js jse lnk mht mhtml msc msi msix msp mst pif pkg potm ppam pptm ps1 py pyw reg rpm run scf scr sct
settingcontent-ms sh shb svg sys url vb vbe vbs vhd vhdx workflow ws wsc wsf wsh xbap xhtml xlam xll xlsm xltm
"""
RUNS = frozenset(_RUNS.split())
"""Extensions of what can run as a program, carry macros, or dress up as a log-in page."""


def runs(name: str) -> bool:
    """Whether opening this file can do more than show it."""
    return PurePath(safe_name(name)).suffix[1:].casefold() in RUNS


def free_path(folder: Path, name: str) -> Path:
    """A path in `folder` where nothing is yet: "name.txt", "name (2).txt", ..."""
    path = folder / safe_name(name)
    number = 2
    while path.exists():
        path = folder / f"{PurePath(safe_name(name)).stem} ({number}){PurePath(safe_name(name)).suffix}"
        number += 1
    return path


def write_whole(path: Path, data: bytes) -> None:
    """Write it so that nobody ever finds half of it. Raises OSError."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


class Copies:
    """Private temporary copies, for opening and dragging; gone with `remove`."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._number = 0

    def put(self, name: str, data: bytes) -> Path:
        """A copy, readable by this user only, in a folder of its own so that its name can stay. Raises OSError."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="qtmail-open-"))
        self._number += 1
        folder = self._folder / str(self._number)
        folder.mkdir(mode=0o700)
        path = folder / safe_name(name)
        path.touch(mode=0o600)
        path.write_bytes(data)
        return path

    def remove(self) -> None:
        """Delete all copies; one that another program holds open stays behind (Windows)."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

"""What Linux tells of a process: how long it has lived, how much memory is its own (PSS)."""

import contextlib
import os
import time
from pathlib import Path


def since_start() -> float:
    """Seconds since this process was started, interpreter included."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


def megabytes(process: int | None = None) -> float:
    """Proportional set size of a process (this one), in MB."""
    for line in Path(f"/proc/{process or 'self'}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000
    raise OSError("no Pss in smaps_rollup")


def children() -> list[int]:
    """The processes this one started, and theirs."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                below.setdefault(parent, []).append(int(entry.name))
    found = list(below.get(os.getpid(), []))
    for process in found:  # grows on the way
        found += below.get(process, [])
    return found

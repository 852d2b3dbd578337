"""What Linux tells of a process: how long it has lived, how much memory is its own (PSS)."""

import os
import time
from pathlib import Path


def since_start() -> float:
    """Seconds since this process was started, interpreter included."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


def megabytes() -> float:
    """Proportional set size of this process, in MB."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000
    raise OSError("no Pss in smaps_rollup")

"""The one clock of the engine and the facade: whole seconds since the epoch, and the zone to write dates in."""

import time
from datetime import datetime
from email.utils import format_datetime


def now() -> int:
    """Seconds since the epoch, UTC."""
    return int(time.time())


def lately(at: int | None, seconds: int) -> bool:
    """Whether that was less than so many seconds ago. A time to come was noted by a clock that ran ahead: it proves
    nothing, and what depends on it is done anew."""
    return at is not None and 0 <= now() - at < seconds


def zone(at: int) -> int:
    """Minutes east of UTC that this machine's clock shows at that time."""
    offset = datetime.fromtimestamp(at).astimezone().utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else 0


def header_date(at: int) -> str:
    """That time as a Date header has it (RFC 5322, 3.3), in this machine's zone."""
    return format_datetime(datetime.fromtimestamp(at).astimezone())

"""How the window was left: sizes, columns, what was open. Kept in window.toml of the profile; damage costs nothing."""

import base64
import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec
import tomli_w

from qtmail.paths import write_whole

log = logging.getLogger(__name__)

FILE = "window.toml"


@dataclass(frozen=True, slots=True)
class WindowState:
    """`geometry` is Qt's own, as base64. Sizes are device-independent pixels."""

    geometry: str = ""
    panes: tuple[int, ...] = ()
    """Sidebar, rest."""
    sidebar: bool = True
    """Whether it is shown."""
    reader_right: tuple[int, ...] = ()
    reader_below: tuple[int, ...] = ()
    column_order: tuple[str, ...] = ()
    column_hidden: tuple[str, ...] = ()
    column_widths: dict[str, int] = field(default_factory=dict)
    sort: str = "date"
    descending: bool = True
    collapsed: tuple[str, ...] = ()
    place: str = ""
    key_scheme: str = "qtmail"
    shortcuts: dict[str, str] = field(default_factory=dict)
    only_subscribed: tuple[str, ...] = ()
    """Keys of the accounts of which only subscribed folders are shown."""
    tabs: tuple[int, ...] = ()
    """Rows of the messages open in tabs."""
    tab: int = 0
    """Which is in front; 0: the main page."""
    conversations: tuple[str, ...] = ()
    """Keys of the places that are shown as conversations."""


def load(path: Path) -> WindowState:
    """What is remembered; the usual state where there is nothing, or nothing that can be read."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=WindowState)
    except FileNotFoundError:
        return WindowState()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        log.info("%s cannot be read (%s); the window starts as usual", path, error)
        return WindowState()


def save(path: Path, state: WindowState) -> None:
    """Keep it; a disk that will not take it is no reason to trouble the user at the end."""
    try:
        write_whole(path, tomli_w.dumps(asdict(state)))
    except OSError as error:
        log.info("%s cannot be written (%s)", path, error)


def pack(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def unpack(text: str) -> bytes:
    """Empty for what is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""

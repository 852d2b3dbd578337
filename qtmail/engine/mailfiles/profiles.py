"""Other mail programs' own folders: Thunderbird profiles and Apple Mail, and where they are on this computer."""

import configparser
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from qtmail.engine.mailfiles import maildir, mbox
from qtmail.engine.mailfiles.values import Box, Kind

_PREF = re.compile(
    r'^user_pref\("mail\.server\.(server\d+)\.(name|hostname|type|directory-rel)", "(.*)"\);', re.MULTILINE
)
_IGNORED = frozenset(
    {".msf", ".dat", ".html", ".json", ".sqlite", ".js", ".mab", ".log", ".txt", ".wdseml", ".mozmsgs"}
)
_VERSION = re.compile(r"V(\d+)$")


def places(home: Path | None = None) -> list[tuple[Kind, Path]]:
    """Thunderbird profiles and Apple Mail folders that have mail, the first one the program would open first."""
    home = home or Path.home()
    roots = [
        home / ".thunderbird",
        home / "snap/thunderbird/common/.thunderbird",
        home / ".var/app/org.mozilla.Thunderbird/.thunderbird",
        home / "Library/Thunderbird",
        home / "AppData/Roaming/Thunderbird",
    ]
    if sys.platform == "win32" and "APPDATA" in os.environ:
        roots.append(Path(os.environ["APPDATA"]) / "Thunderbird")
    found = [(Kind.THUNDERBIRD, profile) for root in dict.fromkeys(roots) for profile in _profiles_ini(root)]
    apple = home / "Library/Mail"
    if is_apple(apple):
        found.append((Kind.APPLE_MAIL, apple))
    return list(dict.fromkeys(found))


def is_thunderbird(path: Path) -> bool:
    """A profile's folder, or the one with profiles.ini."""
    return (path / "prefs.js").is_file() and any((path / name).is_dir() for name in ("Mail", "ImapMail"))


def thunderbird_profile(path: Path) -> Path | None:
    """The profile that a folder is, or whose profiles.ini is in it."""
    if is_thunderbird(path):
        return path
    return next((one for one in _profiles_ini(path)), None)


def thunderbird_boxes(profile: Path) -> Iterator[Box]:
    """A folder for each account, with its folders in it."""
    names = _account_names(profile)
    for kind in ("Mail", "ImapMail", "News"):
        for account in sorted(one for one in _children(profile / kind) if one.is_dir()):
            for box in thunderbird_tree(account):
                title = names.get(f"{kind}/{account.name}", account.name)
                yield Box(box.kind, box.place, f"{_level(title)}/{box.path}", box.octets)


def thunderbird_tree(directory: Path, path: str = "") -> Iterator[Box]:
    """mbox files and Maildirs; what is below a folder is in the directory of its name with ".sbd"."""
    inside: dict[str, Box | None] = {}
    for child in _children(directory):
        if child.is_file() and child.suffix.lower() not in _IGNORED and (size := child.stat().st_size):
            with child.open("rb") as file:
                head = file.read(16)
            if mbox.is_mbox(head):
                inside[child.name] = Box(Kind.MBOX, child, _joined(path, child.name), size)
        elif child.is_dir() and child.name.endswith(".sbd"):
            inside.setdefault(child.name[:-4], None)
        elif child.is_dir() and maildir.is_maildir(child):
            inside[child.name] = Box(Kind.MAILDIR, child, _joined(path, child.name), maildir.octets(child))
    for name, box in sorted(inside.items()):
        if box is not None:
            yield box
        below = directory / f"{name}.sbd"
        if below.is_dir():
            yield from thunderbird_tree(below, _joined(path, name))


def is_apple(path: Path) -> bool:
    """~/Library/Mail, one of its versions, or a mailbox out of it."""
    if path.suffix == ".mbox" and path.is_dir() and not (path / "mbox").is_file():
        return _has_emlx(path)
    return any(_VERSION.match(one.name) and one.is_dir() for one in _children(path)) or (
        _VERSION.match(path.name) is not None and any(one.is_dir() for one in path.glob("*/*.mbox"))
    )


def apple_boxes(path: Path) -> Iterator[Box]:
    """Every mailbox of the newest version; messages are in folders called Messages at any depth."""
    versions = [one for one in _children(path) if _VERSION.match(one.name) and one.is_dir()]
    if versions:
        path = max(versions, key=lambda one: int(one.name[1:]))
    found: dict[str, list[Path]] = {}
    for walked, inside, _files in os.walk(path):
        inside.sort()
        if Path(walked).name == "Messages":
            found.setdefault(_apple_path(path, Path(walked)), []).append(Path(walked))
            inside.clear()
    for name, directories in found.items():
        for directory in directories:
            size = sum(entry.stat().st_size for entry in os.scandir(directory) if entry.name.endswith(".emlx"))
            yield Box(Kind.FILES, directory, name, size)


def _apple_path(root: Path, directory: Path) -> str:
    """The account, then the names of the .mbox folders on the way."""
    parts = directory.relative_to(root).parts
    levels = [part.removesuffix(".mbox") for part in parts if part.endswith(".mbox")]
    if root.suffix == ".mbox":
        return "/".join(map(_level, levels))
    account = parts[0] if parts and not parts[0].endswith(".mbox") else ""
    if re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", account):
        account = f"Account {account[:4]}"
    return "/".join(map(_level, [account, *levels] if account else levels))


def _has_emlx(path: Path) -> bool:
    return next(path.rglob("*.emlx"), None) is not None


def _profiles_ini(root: Path) -> Iterator[Path]:
    """The profiles it names that hold mail, the default one first."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        parser.read_string((root / "profiles.ini").read_text("utf-8", "replace"))
    except (OSError, configparser.Error):
        return
    default = {parser.get(name, "Default", fallback="") for name in parser.sections() if name.startswith("Install")}
    named: list[tuple[bool, Path]] = []
    for section in parser.sections():
        path = parser.get(section, "Path", fallback="")
        if not section.startswith("Profile") or not path:
            continue
        relative = parser.get(section, "IsRelative", fallback="1") == "1"
        first = path in default or parser.get(section, "Default", fallback="0") == "1"
        named.append((not first, root / path if relative else Path(path)))
    yield from (profile for _later, profile in sorted(named) if is_thunderbird(profile))


def _account_names(profile: Path) -> dict[str, str]:
    """ "ImapMail/imap.example.org" -> the account's name, as prefs.js has it."""
    try:
        text = (profile / "prefs.js").read_text("utf-8", "replace")
    except OSError:
        return {}
    servers: dict[str, dict[str, str]] = {}
    for server, key, value in _PREF.findall(text):
        servers.setdefault(server, {})[key] = value
    found: dict[str, str] = {}
    for about in servers.values():
        where = about.get("directory-rel", "").removeprefix("[ProfD]")
        if where and (title := about.get("name") or about.get("hostname")):
            found[where] = title
    return found


def _level(name: str) -> str:
    return maildir.shown(name)


def _joined(path: str, name: str) -> str:
    return f"{path}/{_level(name)}" if path else _level(name)


def _children(path: Path) -> list[Path]:
    try:
        return sorted(path.iterdir())
    except OSError:
        return []

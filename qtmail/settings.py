"""Every setting, declared once: one field gives the key in settings.toml, type, default, label, page and limits.

The preferences window is generated from this; a value that does not fit is replaced by its default and reported.
"""

import tomllib
from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import tomli_w

from qtmail.paths import write_whole

T = TypeVar("T")


class Scheme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Density(StrEnum):
    COMPACT = "compact"
    NORMAL = "normal"
    RELAXED = "relaxed"


class Layout(StrEnum):
    """Where the reader is."""

    RIGHT = "right"
    BELOW = "below"


class RemoteImages(StrEnum):
    ASK = "ask"
    NEVER = "never"


class MailForm(StrEnum):
    """How HTML mail is shown."""

    DESIGNED = "designed"
    SIMPLE = "simple"
    TEXT = "text"


class BackupEvery(StrEnum):
    """How often a backup is made by itself."""

    NEVER = "never"
    DAY = "day"
    WEEK = "week"


class OpenIn(StrEnum):
    """Where Enter and a double click show a message."""

    READER = "reader"
    TAB = "tab"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class About:
    """What the preferences page says of one setting. Empty `page`: remembered, but not shown there."""

    label: str = ""
    page: str = ""
    hint: str = ""
    least: int = 0
    most: int = 0
    unit: str = ""


def _setting(default: T, label: str, page: str, **about: Any) -> T:
    value: T = field(default=default, metadata={"about": About(label, page, **about)})
    return value


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force."""

    scheme: Scheme = _setting(Scheme.SYSTEM, "Colours", "Appearance")
    density: Density = _setting(Density.NORMAL, "Density of lists", "Appearance")
    group_by_date: bool = _setting(
        True, "Group lists by date", "Appearance", hint="Under headings: Today, Yesterday, This week."
    )
    layout: Layout = _setting(Layout.RIGHT, "Message is shown", "Appearance")
    text_percent: int = _setting(100, "Text size of messages", "Reading", least=70, most=250, unit="%")
    mark_read_after: int = _setting(1, "Mark as read after", "Reading", least=-1, most=60, unit="s")
    remote_images: RemoteImages = _setting(
        RemoteImages.ASK,
        "Pictures from the internet",
        "Reading",
        hint="They tell the sender when and where you read.",
    )
    pictures_from: tuple[str, ...] = _setting(
        (),
        "Always show pictures from",
        "Reading",
        hint="An address, or @ and a domain for everybody there. Pictures that only count readers are never fetched.",
    )
    no_receipts_for: tuple[str, ...] = _setting(
        (), "Never send read receipts to", "Reading", hint="Addresses. Anybody else's request is asked about each time."
    )
    calendar: str = _setting(
        "",
        "Calendar to look for conflicts in",
        "Reading",
        hint="An .ics file, or a folder of them. It is only read, and only when an invitation is shown.",
    )
    mail_form: MailForm = _setting(MailForm.DESIGNED, "HTML mail is shown", "Reading")
    dark_mails: bool = _setting(
        True,
        "Show HTML mail dark when qtmail is dark",
        "Reading",
        hint="Where its words could not be read then, it stays light.",
    )
    fold_quotes: bool = _setting(True, "Fold long quotes", "Reading")
    conversation: bool = _setting(
        False,
        "Show the whole conversation of a message",
        "Reading",
        hint="With what you sent; what was read is folded to one line.",
    )
    open_in: OpenIn = _setting(
        OpenIn.READER,
        "Enter and double click open a message in",
        "Reading",
        hint="Ctrl+Enter: a tab; Shift+Enter: a window.",
    )
    newest_first: bool = _setting(False, "Newest message first in conversations", "Reading")
    clean_links: bool = _setting(
        True, "Open links without their tracking parameters", "Reading", hint="Such as utm_source or fbclid."
    )
    low_memory: bool = _setting(
        False,
        "Use the simple viewer for HTML mail",
        "Reading",
        hint="Saves 250 MB; takes effect at the next start.",
    )
    compose_html: bool = _setting(True, "Write formatted mail", "Writing")
    quote_below: bool = _setting(False, "Write answers below the quoted text", "Writing")
    undo_send_s: int = _setting(
        5,
        "Sending can be undone for",
        "Writing",
        least=0,
        most=60,
        unit="s",
        hint="Mail waits so long in the Outbox before it leaves.",
    )
    say_program: bool = _setting(True, "Name qtmail as the program in the mail's header (User-Agent)", "Writing")
    default_account: str = _setting("", "Account for new mail", "")
    check_at_start: bool = _setting(True, "Check for mail at start", "Receiving")
    metered_headers_only: bool = _setting(
        True,
        "On metered networks fetch headers only",
        "Receiving",
        hint="Messages you open are fetched all the same.",
    )
    notify: bool = _setting(True, "Tell me about new mail", "Receiving")
    grace_days: int = _setting(
        30,
        "Keep what was deleted for good",
        "Receiving",
        least=1,
        most=3650,
        unit="days",
        hint="So that it can be undone.",
    )
    save_folder: str = _setting("", "Folder attachments were last saved in", "")
    backup_folder: str = _setting("", "Folder for backups", "")
    backup_every: BackupEvery = _setting(BackupEvery.NEVER, "Back up by itself", "")
    offline: bool = _setting(False, "Work offline", "")


def declared() -> tuple[tuple["Field[Any]", About], ...]:
    """Every setting with what is said of it, in the order of declaration."""
    return tuple((entry, entry.metadata["about"]) for entry in fields(Settings))


def load(path: Path, report: Callable[[str], None]) -> Settings:
    """The settings of a file, the defaults where it has none. `report` gets a sentence for each entry put aside."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        report(f"{path.name} cannot be read ({error}); the default settings are used.")
        return Settings()
    found: dict[str, Any] = {}
    for entry, about in declared():
        if entry.name not in table:
            continue
        value = table[entry.name]
        try:
            checked: Any = msgspec.convert(value, _kind(entry.default))
            if about.most and not about.least <= checked <= about.most:
                raise msgspec.ValidationError(f"must be from {about.least} to {about.most}")
        except msgspec.ValidationError as error:
            report(f"{path.name}: {entry.name} = {value!r} does not fit ({error}); the default is used.")
            continue
        found[entry.name] = checked
    return Settings(**found)


def _kind(default: object) -> Any:
    return tuple[str, ...] if isinstance(default, tuple) else type(default)


def save(path: Path, settings: Settings) -> None:
    """Write all that differs from the defaults; the file is replaced whole, never half written."""
    table = {
        entry.name: getattr(settings, entry.name)
        for entry, _ in declared()
        if getattr(settings, entry.name) != entry.default
    }
    write_whole(path, tomli_w.dumps(table))

"""Which keys do what: schemes to choose from, the user's own over them, and who has a key already."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtGui import QKeySequence

from qtmail.ui.actions import ACTIONS, Act

FIXED: dict[str, str] = {
    **{f"Ctrl+{number}": "opens a folder" for number in range(1, 10)},
    "Up": "goes to the message above",
    "Down": "goes to the message below",
    "Return": "goes into the message",
    "Enter": "goes into the message",
    "Esc": "ends a search and closes what is open",
    "Tab": "goes to the next field",
    "Shift+Tab": "goes to the field before",
    "Left": "folds a line",
    "Right": "unfolds a line",
}
"""Keys that are not the user's to give: what each of them does."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A set of keys under a name: where it differs from the table of actions."""

    key: str
    title: str
    keys: Mapping[Act, str]


SCHEMES: tuple[Scheme, ...] = (
    Scheme("qtmail", "qtmail", {}),
    Scheme("thunderbird", "Thunderbird", {
        Act.MARK_ALL_READ: "Shift+C", Act.CHECK: "Shift+F5", Act.MOVE: "Ctrl+Shift+M", Act.COPY: "",
        Act.SAVE_ATTACHMENTS: "Ctrl+Alt+S", Act.PREFERENCES: "", Act.SIDEBAR: "Ctrl+Alt+F",
        Act.SEARCH: "Ctrl+K",
    }),
    Scheme("gmail", "Gmail", {
        Act.COMPOSE: "C", Act.REPLY: "R", Act.REPLY_ALL: "A", Act.FORWARD: "F", Act.ARCHIVE: "E", Act.DELETE: "#",
        Act.JUNK: "!", Act.READ: "Shift+U", Act.MARK_ALL_READ: "", Act.SEARCH: "/", Act.UNDO: "Z",
        Act.SHORTCUTS: "?", Act.COPY: "", Act.SELECT_ALL: "Ctrl+A", Act.NEXT_MESSAGE: "J", Act.PREVIOUS_MESSAGE: "K",
    }),
    Scheme("apple", "Apple Mail", {
        Act.FORWARD: "Ctrl+Shift+F", Act.ARCHIVE: "Ctrl+Alt+A", Act.DELETE: "Backspace", Act.JUNK: "Ctrl+Shift+J",
        Act.STAR: "Ctrl+Shift+L", Act.READ: "Ctrl+Shift+U", Act.CHECK: "Ctrl+Shift+N", Act.SEARCH: "Ctrl+Alt+F",
        Act.SOURCE: "Ctrl+Alt+U", Act.MOVE: "Ctrl+Alt+M", Act.COPY: "", Act.MARK_ALL_READ: "Ctrl+Alt+T",
        Act.NEXT_UNREAD: "Ctrl+Alt+Down", Act.SIDEBAR: "Ctrl+Alt+S", Act.DELETE_FOR_GOOD: "Ctrl+Alt+Backspace",
    }),
)  # fmt: skip
BY_KEY = {scheme.key: scheme for scheme in SCHEMES}


@dataclass(frozen=True, slots=True)
class Keys:
    """What the user chose: a scheme, and their own keys by action id over it; an empty text takes a key away."""

    scheme: str = "qtmail"
    own: Mapping[str, str] = field(default_factory=dict)

    def of(self, act: Act) -> str:
        """As QKeySequence reads it; empty: none."""
        return self.own.get(act.value, self.given(act))

    def given(self, act: Act) -> str:
        """What the scheme gives it."""
        scheme = BY_KEY.get(self.scheme, SCHEMES[0])
        return scheme.keys.get(act, _TABLE[act])

    def all(self) -> dict[str, str]:
        """Action id -> keys, for `Actions.set_shortcuts`."""
        return {act.value: self.of(act) for act in _TABLE}

    def holder(self, keys: str, asking: Act) -> Act | None:
        """Another action that has these keys."""
        wanted = normal(keys)
        return next((act for act in _TABLE if act is not asking and wanted and normal(self.of(act)) == wanted), None)

    def put(self, act: Act, keys: str) -> "Keys":
        """With these for it, and taken from whoever has them."""
        own = dict(self.own)
        if (holder := self.holder(keys, act)) is not None:
            own[holder.value] = ""
        own[act.value] = keys
        return Keys(self.scheme, {name: value for name, value in own.items() if value != self.given(Act(name))})

    def reset(self, act: Act) -> "Keys":
        """What the scheme gives it again, taken from whoever has it now."""
        return self.put(act, self.given(act))


def normal(keys: str) -> str:
    """The same text for the same keys."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.PortableText)


def fixed_use(keys: str) -> str:
    """What keys do that cannot be given away; empty for all others."""
    return FIXED.get(normal(keys), "")


_TABLE: dict[Act, str] = {spec.id: spec.keys for spec in ACTIONS}

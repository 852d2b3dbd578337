"""The sentences above a body, most important first, one at a time."""

from dataclasses import dataclass

from qtmail.model import OutboxItem, Role, SendState
from qtmail.ui import dates
from qtmail.ui.parts.banner import Button, Kind
from qtmail.ui.reader.load import Shown


@dataclass(frozen=True, slots=True)
class Notice:
    """One banner: what it says and offers. `key` tells it from the others of its message."""

    key: str
    text: str
    kind: Kind = Kind.INFO
    buttons: tuple[Button, ...] = ()
    icon: str = ""
    closable: bool = True


EDIT = Button("edit", "Edit")
AGAIN = Button("again", "Try again")
NOW = Button("again", "Send now")
ARRIVED = Button("arrived", "It arrived")
SHOW_PICTURES = Button("pictures", "Show pictures")


def outbox_notice(item: OutboxItem) -> Notice:
    """How the sending of this mail stands, in our words and the server's."""
    words = f" The server said: “{item.reply}”." if item.reply else ""
    match item.state:
        case SendState.NOT_BEFORE:
            what = f"This mail will be sent {dates.medium(item.not_before)}, if qtmail runs then."
            return Notice("outbox", what, buttons=(NOW, EDIT), icon="clock", closable=False)
        case SendState.HELD:
            text = "This mail is held: it is only sent when you say so."
            return Notice("outbox", text, Kind.WARNING, (NOW, EDIT), closable=False)
        case SendState.QUEUED:
            return Notice("outbox", "This mail is waiting to be sent.", buttons=(EDIT,), icon="send", closable=False)
        case SendState.CONNECTING | SendState.ENVELOPE | SendState.DATA:
            return Notice("outbox", "This mail is being sent.", icon="send", closable=False)
        case SendState.DEFERRED:
            text = f"It could not be sent yet. The next try is {dates.medium(item.next_attempt)}.{_reason(item)}"
            return Notice("outbox", text, Kind.WARNING, (AGAIN, EDIT), closable=False)
        case SendState.REFUSED:
            refused = [person.address for person in item.refused]
            whom = f" Refused: {', '.join(refused[:5])}." if refused else ""
            text = f"This mail was not sent.{words}{whom} Edit it, or try again."
            return Notice("outbox", text, Kind.DANGER, (EDIT, AGAIN), closable=False)
        case SendState.UNCERTAIN:
            text = (
                "The connection was lost at the last moment: this mail may have been sent. "
                "Ask the recipient, or look in Sent, before you try again."
            )
            return Notice("outbox", text, Kind.WARNING, (ARRIVED, AGAIN), closable=False)
        case SendState.ACCEPTED:
            return Notice("outbox", "This mail was sent.", Kind.SUCCESS)


def _reason(item: OutboxItem) -> str:
    return f" The last answer: “{item.reply}”." if item.reply else ""


def pictures_notice(shown: Shown) -> Notice:
    """That the pictures are not loaded, and from where they would come."""
    hosts = shown.remote_hosts
    whence = ""
    if hosts:
        more = f" and {len(hosts) - 2} more" if len(hosts) > 2 else ""
        whence = f" from {', '.join(hosts[:2])}{more}"
    count = "1 picture" if shown.remote_count == 1 else f"{shown.remote_count:,} pictures"
    text = f"Remote images are blocked: {count}{whence}. Loading them tells the sender that you read this."
    return Notice("pictures", text, buttons=(SHOW_PICTURES,), icon="photo-off")


def notices(shown: Shown, *, pictures_offered: bool) -> tuple[Notice, ...]:
    """All there is to say of this message, most important first."""
    said: list[Notice] = []
    if shown.outbox is not None:
        said.append(outbox_notice(shown.outbox))
    elif shown.role is Role.DRAFTS:
        said.append(Notice("draft", "This is a draft.", buttons=(EDIT,), icon="pencil", closable=False))
    if shown.message is not None and shown.message.warnings:
        said.append(Notice("warnings", " ".join(_sentence(w) for w in shown.message.warnings[:3]), Kind.WARNING))
    if shown.simplified:
        said.append(Notice("simplified", "This mail is too large to be drawn as designed; it is shown in simple form."))
    if shown.remote_count and pictures_offered:
        said.append(pictures_notice(shown))
    return tuple(said)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else words + "."

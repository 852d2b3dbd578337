"""The sentences above a body, most important first, one at a time."""

from dataclasses import dataclass

from qtmail.engine.pop3_shown import OnPopServer
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
REST = Button("rest", "Download the rest")
AGAIN = Button("again", "Try again")
NOW = Button("again", "Send now")
ARRIVED = Button("arrived", "It arrived")
SHOW_PICTURES = Button("pictures", "Show pictures")
ALWAYS_PICTURES = Button("pictures-always", "Always …")


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
            refused = [person.address for person in item.refused if person.address not in item.reply]
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
            if not item.refused:
                return Notice("outbox", "This mail was sent.", Kind.SUCCESS)
            names = "; ".join(f"{one.address} ({one.reply})" for one in item.refused[:5])
            return Notice("outbox", f"This mail was sent, but not to {names}.", Kind.DANGER)


def _reason(item: OutboxItem) -> str:
    return f" The last answer: “{item.reply}”." if item.reply else ""


def pictures_notice(shown: Shown) -> Notice:
    """That the pictures are not loaded, from where they would come, and which of them only count readers."""
    pictures = shown.remote_count - shown.tracker_count
    if not pictures:
        text = f"{_number(shown.tracker_count, 'tracker')} left out: nobody learns that you read this."
        return Notice("pictures", text, Kind.SUCCESS, icon="photo-off")
    more = ""
    if shown.tracker_count:
        look = "looks like a tracker and never is" if shown.tracker_count == 1 else "look like trackers and never are"
        more = f", {shown.tracker_count:,} more {look}"
    text = f"{_number(pictures, 'picture')}{_whence(shown.remote_hosts)} not loaded{more}."
    text += " Loading tells the sender that you read this."
    buttons = (SHOW_PICTURES, ALWAYS_PICTURES) if shown.author.address else (SHOW_PICTURES,)
    return Notice("pictures", text, buttons=buttons, icon="photo-off")


def _number(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def _whence(hosts: tuple[str, ...]) -> str:
    if not hosts:
        return ""
    return f" from {hosts[0]}" if len(hosts) == 1 else f" from {len(hosts)} hosts"


def beginning_notice(there: OnPopServer) -> Notice:
    """That a mail was too large to be fetched whole, and how to get the rest."""
    size = f"{there.size / 1_000_000:,.1f} MB"
    if not there.there:
        text = f"Only the beginning of this mail ({size}) came, and the server does not have it any more."
        return Notice("rest", text, Kind.WARNING)
    if there.wanted:
        text = f"The rest of this mail ({size}) is being downloaded, or comes when you are online."
        return Notice("rest", text, icon="download", closable=False)
    text = f"Only the beginning of this large mail ({size}) is here. It stays on the server."
    return Notice("rest", text, buttons=(REST,), icon="download", closable=False)


def notices(shown: Shown, *, pictures_offered: bool) -> tuple[Notice, ...]:
    """All there is to say of this message, most important first."""
    said: list[Notice] = []
    if shown.outbox is not None:
        said.append(outbox_notice(shown.outbox))
    elif shown.waits_for_server:
        text = "This copy is not on the server yet: it is put there as soon as that can be reached."
        said.append(Notice("waits", text, icon="cloud-off"))
    elif shown.role is Role.DRAFTS:
        said.append(Notice("draft", "This is a draft.", buttons=(EDIT,), icon="pencil", closable=False))
    if shown.there is not None and not shown.there.whole:
        said.append(beginning_notice(shown.there))
    if shown.message is not None and shown.message.warnings:
        said.append(Notice("warnings", " ".join(_sentence(w) for w in shown.message.warnings[:3]), Kind.WARNING))
    if shown.message is not None and shown.message.notes:
        said.append(Notice("notes", " ".join(shown.message.notes[:4]), Kind.INFO))
    if shown.simplified:
        text = "This mail is too large to be drawn whole: you see a part, or a simple form. Its source has all of it."
        said.append(Notice("simplified", text))
    if shown.remote_count and pictures_offered:
        said.append(pictures_notice(shown))
    return tuple(said)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else words + "."

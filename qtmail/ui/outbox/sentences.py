"""How the sending of a message stands, in words: one line for the list, one sentence and its buttons for the banner."""

from collections.abc import Sequence
from dataclasses import dataclass

from qtmail.model import OutboxItem, Row, SendState
from qtmail.ui import dates
from qtmail.ui.parts.attachments import size_words
from qtmail.ui.parts.banner import Button, Kind

LARGE = 500_000
"""Octets from which the way up is shown."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the banner says of one item. `key` is the same as long as there is nothing new to say."""

    key: tuple[object, ...]
    item: OutboxItem | None
    text: str
    kind: Kind
    buttons: tuple[Button, ...]
    icon: str = "send"
    closable: bool = True


UNDO = Button("undo", "Undo")
NOW = Button("now", "Send now")
EDIT = Button("edit", "Edit")
OPEN = Button("open", "Open Outbox")
ARRIVED = Button("arrived", "It arrived")
AGAIN = Button("again", "Send again")
STOP = Button("stop", "Stop")
RESUME = Button("resume", "Go on sending")
TO_REFUSED = Button("to-refused", "Send to them again")
EDIT_REFUSED = Button("edit-refused", "Correct and send")


def title(row: Row | None) -> str:
    """ "“Hello” to Bob"."""
    subject = f"“{row.subject}”" if row and row.subject else "A mail without a subject"
    whom = f" to {row.correspondent}" if row and row.correspondent else ""
    return f"{subject}{whom}"


def state_words(item: OutboxItem, done: int = 0, total: int = 0) -> str:
    """One line for the list."""
    match item.state:
        case SendState.QUEUED:
            return "Waiting to be sent"
        case SendState.NOT_BEFORE if item.scheduled:
            return f"Will be sent {dates.medium(item.not_before)}, if qtmail runs then"
        case SendState.NOT_BEFORE:
            return "Will be sent in a moment"
        case SendState.HELD:
            return "Held: sent only when you say so"
        case SendState.CONNECTING:
            return "Connecting"
        case SendState.ENVELOPE | SendState.DATA:
            return f"Sending, {size_words(done)} of {size_words(total)}" if total >= LARGE else "Sending"
        case SendState.DEFERRED:
            return f"Next try {dates.medium(item.next_attempt)}. {item.reply}".strip()
        case SendState.REFUSED:
            return f"Refused. {item.reply}".strip()
        case SendState.UNCERTAIN:
            return "Nobody knows whether it was sent: the connection was lost before the answer"
        case SendState.ACCEPTED:
            return "Sent"


def countdown(item: OutboxItem, row: Row | None, now: float) -> Said:
    """The moment in which sending can be undone."""
    seconds = max(0, round(item.not_before - now))
    text = f"Sending {title(row)} in {seconds} s."
    return Said(("countdown", item.id), item, text, Kind.INFO, (UNDO, NOW), closable=False)


def uncertain(item: OutboxItem, row: Row | None) -> Said:
    """Both choices, and what each means."""
    text = (
        f"Was {title(row)} sent? The connection was lost before the server answered, and there is no trace of it in "
        "Sent or the inbox. Ask the recipient if you can: sending again may deliver it twice."
    )
    return Said(("uncertain", item.id), item, text, Kind.WARNING, (ARRIVED, AGAIN, OPEN), "help")


def refused(item: OutboxItem, row: Row | None) -> Said:
    """Nobody got it."""
    by_the_server = item.reply[:3].isdigit()  # else qtmail itself refused it, before the server had to
    words = f" The server said: “{item.reply}”." if by_the_server else f" {item.reply}".rstrip()
    text = f"{title(row)} was not sent.{words}"
    return Said(("refused", item.id, item.updated), item, text, Kind.DANGER, (EDIT, OPEN), "alert-circle")


def partly(item: OutboxItem, row: Row | None) -> Said:
    """Some did not get it."""
    names = ", ".join(f"{one.address} ({one.reply})" for one in item.refused[:3])
    more = f" and {len(item.refused) - 3} more" if len(item.refused) > 3 else ""
    subject = f"“{row.subject}”" if row and row.subject else "Your mail"
    text = f"{subject} was sent, but not to {names}{more}."
    buttons = (EDIT_REFUSED, TO_REFUSED)
    return Said(("partly", item.id, item.updated), item, text, Kind.DANGER, buttons, "alert-circle")


def on_its_way(item: OutboxItem, row: Row | None, done: int, total: int) -> Said:
    """A large one, with how far it is."""
    if done >= total:
        text = f"{title(row)} is with the server; it has not said yes yet."
        return Said(("way", item.id), item, text, Kind.INFO, (), closable=False)
    text = f"Sending {title(row)}: {size_words(done)} of {size_words(total)}."
    return Said(("way", item.id), item, text, Kind.INFO, (STOP,), closable=False)


def deferred(item: OutboxItem, row: Row | None, others: int) -> Said:
    """Not sent yet: why, and when the next try is."""
    more = f" {others} more wait with it." if others else ""
    why = f" {item.reply}" if item.reply.endswith((".", "!")) else f" {item.reply}." if item.reply else ""
    text = f"{title(row)} is not sent yet.{why} The next try is {dates.medium(item.next_attempt)}.{more}"
    return Said(("deferred", item.id), item, text, Kind.WARNING, (Button("now", "Try now"), OPEN), "refresh")


def overdue(items: Sequence[OutboxItem], rows: Sequence[Row | None]) -> Said:
    """What was to be sent while the program did not run."""
    if len(items) == 1:
        when = dates.medium(items[0].not_before)
        text = f"{title(rows[0])} was to be sent {when}, when qtmail was not running or offline."
    else:
        named = "; ".join(title(row) for row in rows[:3])
        text = f"{len(items)} mails were to be sent when qtmail was not running or offline: {named}."
    key = ("overdue", *(item.id for item in items))
    return Said(key, items[0] if len(items) == 1 else None, text, Kind.WARNING, (OPEN,), "clock")


def paused(count: int) -> Said:
    """Nothing is sent at all."""
    mails = "1 mail waits" if count == 1 else f"{count:,} mails wait"
    return Said(("paused", count), None, f"The Outbox is paused: {mails}.", Kind.INFO, (RESUME, OPEN), "clock")

"""`qtmail send FILE.eml`: through the outbox, and wait until the server took it, refused it, or nobody knows."""

import argparse
import sys
import threading
import time
from pathlib import Path
from typing import Any

from qtmail import accounts
from qtmail.commands.context import Context
from qtmail.commands.table import Exit
from qtmail.errors import AlreadyRunning, BadInput
from qtmail.model import Account, OutboxId, OutboxItem, SendState

_FINAL = frozenset({SendState.ACCEPTED, SendState.REFUSED, SendState.UNCERTAIN, SendState.HELD})
_WAIT_SECONDS = 180
_POLL_SECONDS = 0.2
_WORDS = {
    SendState.ACCEPTED: "Sent.",
    SendState.REFUSED: "Refused: the message stays in the Outbox.",
    SendState.UNCERTAIN: "Uncertain: the connection was lost before the server's answer. It may have been sent or not. "
    "It is in the Outbox and will not be sent again by itself: “qtmail outbox” asks what to do.",
}
_PAUSED = "Not sent yet: the Outbox is paused; “qtmail outbox resume” lets it go on."
_LATER = "Not sent yet: it is in the Outbox and is tried again at every sync."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE.eml", help="a complete message; “-” reads it from stdin")
    parser.add_argument("--account", metavar="NAME", help="send from this one (else: the one of the From address)")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Queue it, have it sent, say how it went. Raises BadInput, NoSecret, StoreError."""
    raw = _read(options.file)
    account = _account(context, raw, options.account)
    item = context.mail.send_raw(raw, account.key)
    _have_sent(context, account, item)
    state = context.mail.outbox_state(item)
    if options.json:
        context.out.json(_value(state))
    else:
        later = _PAUSED if context.mail.outbox_paused() else _LATER
        context.out.text(_WORDS.get(state.state, later))
    _remarks(context, state)
    return _exit(state)


def _read(name: str) -> bytes:
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror}.") from error
    if not raw.strip():
        raise BadInput(f"{name} is empty.")
    return raw


def _account(context: Context, raw: bytes, name: str | None) -> Account:
    from qtmail.engine.identities import named
    from qtmail.mime.parse import parse_headers

    path = context.profile.accounts
    if name:
        return accounts.named(path, name)
    every = [account for account in accounts.load(path) if account.outgoing]
    facts = parse_headers(raw)
    senders = {address.address.casefold() for address in (*facts.sender, *facts.from_)}
    mine = [account for account in every if any(named(account, sender) for sender in senders)]
    if mine:
        return mine[0]
    if len(every) == 1:
        return every[0]
    raise BadInput(
        "No account has the From address of this message." if every else "No account can send.",
        hint="Name one with --account." if every else "Add one with an [outgoing] server.",
    )


def _have_sent(context: Context, account: Account, item: OutboxId) -> None:
    """Send it here, or, where another engine has the profile, wait for that one to do it."""
    from qtmail.engine.passes import flush_outbox

    try:
        flush_outbox(context.profile, (account,))
    except AlreadyRunning:
        context.out.say("The open window sends it ...")
        pause = threading.Event()
        deadline = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < deadline:
            state = context.mail.outbox_state(item)
            if state.state in _FINAL or (state.state is SendState.DEFERRED and state.attempts):
                return
            pause.wait(_POLL_SECONDS)


def _value(item: OutboxItem) -> dict[str, Any]:
    return {
        "state": item.state.value,
        "message_id": item.message_id,
        "reply": item.reply,
        "recipients": [{"address": one.address, "state": one.state, "reply": one.reply} for one in item.recipients],
    }


def _remarks(context: Context, item: OutboxItem) -> None:
    if item.state is not SendState.ACCEPTED and item.reply:
        context.out.say(f"qtmail: The last words were: {item.reply}")
    for one in item.recipients:
        if one.state == "refused":
            context.out.say(f"qtmail: {one.address} was refused: {one.reply}")


def _exit(item: OutboxItem) -> Exit:
    """Accepted for everybody is done; refused has failed; what is uncertain, waiting or refused for some is partly."""
    if item.state is SendState.REFUSED:
        return Exit.FAILED
    everybody = not any(one.state == "refused" for one in item.recipients)
    return Exit.DONE if item.state is SendState.ACCEPTED and everybody else Exit.PARTLY

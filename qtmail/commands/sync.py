"""`qtmail sync`: one full pass (what was done here, folders, headers, bodies, the outbox), then the end."""

import argparse
import time
from typing import TYPE_CHECKING, Any

from qtmail import accounts
from qtmail.commands import attachments
from qtmail.commands.context import Context
from qtmail.commands.output import counted, octets
from qtmail.commands.table import Exit
from qtmail.errors import BadInput, MailError
from qtmail.events import Event, Problem, StateChanged
from qtmail.model import Account, AccountKey

if TYPE_CHECKING:
    from qtmail.engine.passes import AccountReport

_SAY_EVERY_S = 2.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--account", metavar="NAME", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument(
        "--answer",
        choices=("match", "fetch", "accept"),
        help="what a POP3 server's odd list means: compare it with what is here; download all of it; it is true",
    )
    attachments.configure(parser)
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Sync the enabled accounts, or those named. Raises BadInput, AlreadyRunning, StoreError."""
    from qtmail.engine.passes import sync_once

    profile = context.profile.create()
    chosen = _chosen(context, options.account)
    if options.answer:
        _answer(context, chosen, options.answer)
    reports = sync_once(profile, chosen, _Progress(context, chosen))
    left = attachments.read(context, everything=options.attachments)
    if options.json:
        context.out.json({"accounts": [_value(report) for report in reports], "attachments_left": left})
    else:
        for report in reports:
            context.out.text(_line(report))
    waiting = len(context.mail.outbox()) if context.mail.outbox_paused() else 0
    if waiting:
        what = counted(waiting, "message")
        context.out.say(f"qtmail: the Outbox is paused, {what} not sent: “qtmail outbox resume” lets it go on.")
    for report in reports:
        for problem in report.problems:
            context.out.say(f"qtmail: {report.account}: {_sentence(problem)}")
    return _exit(reports)


def _chosen(context: Context, names: list[str]) -> tuple[Account, ...]:
    path = context.profile.accounts
    if names:
        return tuple(accounts.named(path, name) for name in dict.fromkeys(names))
    enabled = tuple(account for account in accounts.load(path) if account.enabled)
    if not enabled:
        raise BadInput("There is no account to sync.", hint="Add one with “qtmail account add FILE.toml”.")
    return enabled


def _answer(context: Context, chosen: tuple[Account, ...], word: str) -> None:
    """Of those accounts that asked something. Raises BadInput where none did."""
    from qtmail.engine.pop3_doubt import Answer

    asking = [account for account in chosen if context.mail.pop_question(account.key)]
    if not asking:
        raise BadInput("None of these accounts asked anything.", hint="Leave --answer out.")
    for account in asking:
        context.mail.answer_pop(account.key, Answer(word))


class _Progress:
    """Says on stderr what each account is doing: at every change of words, and how far it is every few seconds.

    Called from the accounts' threads.
    """

    def __init__(self, context: Context, chosen: tuple[Account, ...]) -> None:
        self._out = context.out
        self._names = {account.key: account.name for account in chosen}
        self._said: dict[AccountKey, tuple[str, float]] = {}

    def __call__(self, event: Event) -> None:
        if not isinstance(event, StateChanged) or not event.words:
            return
        words, at = self._said.get(event.account, ("", 0.0))
        now = time.monotonic()
        if event.words == words and (not event.total or now - at < _SAY_EVERY_S):
            return
        self._said[event.account] = (event.words, now)
        far = f" ({event.done:,} of {event.total:,}{_octets(event)})" if event.total else ""
        self._out.say(f"{self._names.get(event.account, '')}: {event.words}{far}")


def _octets(event: StateChanged) -> str:
    return f", {event.octets // 1_000_000:,} of {octets(event.octets_total)}" if event.octets_total else ""


def _sentence(problem: Problem) -> str:
    return MailError(problem.what, hint=problem.hint, server_words=problem.server_words).sentence()


def _value(report: "AccountReport") -> dict[str, Any]:
    return {
        "account": report.account,
        "folders": report.folders,
        "new": report.new,
        "bodies": report.bodies,
        "bytes": report.bytes,
        "seconds": round(report.seconds, 3),
        "problems": [
            {"what": one.what, "retry": one.retry, "hint": one.hint, "server_words": one.server_words}
            for one in report.problems
        ],
    }


def _line(report: "AccountReport") -> str:
    return (
        f"{report.account}: {counted(report.folders, 'folder')}, {report.new:,} new, "
        f"{report.bodies:,} fetched whole, {octets(report.bytes)}, {report.seconds:.1f} s"
    )


def _exit(reports: "tuple[AccountReport, ...]") -> Exit:
    """An account with problems that still synced its folders counts as partly done."""
    if not any(report.problems for report in reports):
        return Exit.DONE
    return Exit.PARTLY if any(report.folders or not report.problems for report in reports) else Exit.FAILED

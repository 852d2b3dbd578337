"""`qtmail sync`: one full pass (what was done here, folders, headers, bodies, the outbox), then the end."""

import argparse
from typing import TYPE_CHECKING, Any

from qtmail import accounts
from qtmail.commands.context import Context
from qtmail.commands.output import counted, octets
from qtmail.commands.table import Exit
from qtmail.errors import BadInput, MailError
from qtmail.events import Event, Problem, StateChanged
from qtmail.model import Account, AccountKey

if TYPE_CHECKING:
    from qtmail.engine.passes import AccountReport


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--account", metavar="NAME", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Sync the enabled accounts, or those named. Raises BadInput, AlreadyRunning, StoreError."""
    from qtmail.engine.passes import sync_once

    profile = context.profile.create()
    chosen = _chosen(context, options.account)
    reports = sync_once(profile, chosen, _Progress(context, chosen))
    if options.json:
        context.out.json({"accounts": [_value(report) for report in reports]})
    else:
        for report in reports:
            context.out.text(_line(report))
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


class _Progress:
    """Says on stderr what each account is doing, once per change of words."""

    def __init__(self, context: Context, chosen: tuple[Account, ...]) -> None:
        self._out = context.out
        self._names = {account.key: account.name for account in chosen}
        self._said: dict[AccountKey, str] = {}

    def __call__(self, event: Event) -> None:
        if not isinstance(event, StateChanged) or not event.words or self._said.get(event.account) == event.words:
            return
        self._said[event.account] = event.words
        self._out.say(f"{self._names.get(event.account, '')}: {event.words}")


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

"""`qtmail account add | list | show | test | sign-in | retry | remove`."""

import argparse
import getpass
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtmail import accounts, secrets
from qtmail.commands.context import Context
from qtmail.commands.output import counted, local_time
from qtmail.commands.table import Exit
from qtmail.errors import BadInput, MailError, StoreError
from qtmail.model import TOKEN_AUTH, Account, AccountKey, Keep, Protocol, SendState, Server
from qtmail.secrets import Service

if TYPE_CHECKING:
    from qtmail.engine.server_details import ServerDetails

_ADD = """The file is TOML; “qtmail account show NAME” prints one to copy. The password goes into the keyring of this
system, never into a file. With --password-stdin its first line is read from stdin; a second line, if there is one, is
the password of the outgoing server."""


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="add the account of a file", description=_ADD)
    add.add_argument("file", metavar="FILE.toml", type=Path)
    add.add_argument("--password-stdin", action="store_true", help="read the password from stdin")
    add.add_argument("--json", action="store_true", help="one JSON value")
    every = actions.add_parser("list", help="list the accounts")
    every.add_argument("--json", action="store_true", help="one JSON value")
    for name, words in (
        ("show", "print an account as a file, with what its server offers and how it is used"),
        ("test", "try both servers and say what is wrong"),
        ("sign-in", "sign in at the provider's own page, for an account with auth = “oauth2”"),
        ("retry", "forget what its server was caught at: the next sync uses all that it offers"),
        ("remove", "forget an account and its password; its mail is kept for when it is added again"),
    ):
        one = actions.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
        one.add_argument("name", metavar="NAME")
        one.add_argument("--json", action="store_true", help="one JSON value")
        if name == "sign-in":
            one.add_argument("--device", action="store_true", help="with a code to type on another device")
    one.add_argument("--force", action="store_true", help="also when something still waits to be sent")
    one.add_argument("--with-mail", action="store_true", help="its mail too (it is dropped after the grace days)")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Do one of the actions. Raises BadInput, NoSecret, StoreError."""
    return _ACTIONS[options.action](context, options)


def _add(context: Context, options: argparse.Namespace) -> Exit:
    try:
        text = options.file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{options.file} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    account = replace(accounts.parse(text, base=options.file.absolute().parent), key=AccountKey(""))
    passwords = _passwords(account, from_stdin=options.password_stdin)
    path = context.profile.create().accounts
    account = accounts.prepare(path, account)
    for service, password in passwords.items():
        secrets.put(account.key, service, password)  # first: an open window takes the account up as soon as it is there
    account = accounts.put(path, account)
    if options.json:
        context.out.json(_value(account))
    else:
        context.out.say(f"Added {account.name} <{account.address}>.")
    if ignored := _ignored(account):
        context.out.say(ignored)
    if account.incoming.auth == TOKEN_AUTH:
        context.out.say(f"Now sign in: qtmail account sign-in “{account.name}”.")
    elif not passwords and account.incoming.auth != "none":
        context.out.say("No password was given; add it with --password-stdin, or in the window.")
    return Exit.DONE


def _passwords(account: Account, *, from_stdin: bool) -> dict[Service, str]:
    """What is to be put into the keyring; asked for only where somebody is there to answer."""
    if account.incoming.auth == TOKEN_AUTH:
        if from_stdin:
            raise BadInput("This account takes no password.", hint="Add it, then sign in: “qtmail account sign-in”.")
        return {}
    if account.incoming.auth == "none" and not from_stdin:
        return {}
    if from_stdin:
        lines = [line.rstrip("\r\n") for line in sys.stdin.readlines()[:2]]
    elif sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty():
        lines = [getpass.getpass(f"Password of {account.incoming.username or account.address}: ", sys.stderr)]
    else:
        lines = []
    if from_stdin and not any(lines):
        raise BadInput("There was no password on stdin.")
    return {service: line for service, line in zip(Service, lines, strict=False) if line}


def _ignored(account: Account) -> str:
    """What the file says that is no use to such an account."""
    if account.protocol is Protocol.POP3 and account.keep != Keep():
        return "“keep” is for IMAP accounts and changes nothing here: with POP3 it is “keep_newest” and “largest_mb”."
    return ""


def _list(context: Context, options: argparse.Namespace) -> Exit:
    every = accounts.load(context.profile.accounts)
    if options.json:
        context.out.json([_value(account) for account in every])
    else:
        context.out.table(
            [
                [
                    one.name,
                    one.address,
                    f"{one.protocol.value} {_host(one.incoming)}",
                    "" if one.enabled else "disabled",
                ]
                for one in every
            ]
        )
        if not every:
            context.out.say("There is no account yet. Add one with “qtmail account add FILE.toml”.")
    return Exit.DONE


def _show(context: Context, options: argparse.Namespace) -> Exit:
    account = accounts.named(context.profile.accounts, options.name)
    from qtmail.engine.server_details import ServerDetails, value

    try:
        details = context.reading.server_details(account.key)
    except StoreError:
        details = ServerDetails()  # the account itself can be shown without the store
    if options.json:
        context.out.json(_value(account) | value(details))
    else:
        context.out.text(accounts.as_file(account).rstrip())
        for line in _in_words(details):
            context.out.text(f"# {line}".rstrip())
    return Exit.DONE


def _in_words(details: "ServerDetails") -> Iterator[str]:
    """Comments below the file, which can still be read back."""
    if details.at is None:
        return
    yield ""
    yield f"Server details of {local_time(details.at)}: {details.software or 'a server without a name'}"
    if details.limits.words:
        yield f"Room: {details.limits.words}."
    if details.limits.largest is not None:
        yield f"Largest message: {details.limits.largest:,} bytes."
    for one in details.extensions:
        if one.advertised and one.purpose:
            how = "offered, used, verified" if one.verified else "offered, used" if one.used else "offered"
            yield f"{one.name}: {how}. {one.purpose} {one.trouble}".rstrip()
    for quirk in details.quirks:
        yield f"Known of {quirk.provider}: {quirk.what} {quirk.doing}"
    missing = [one.name for one in details.extensions if not one.advertised]
    if missing:
        yield f"Not offered, done without: {', '.join(missing)}."
    for caught in details.honesty:
        yield f"Caught {caught.times:,} times, last {local_time(caught.at)}: {caught.what} {caught.doing}"
    if not details.honesty:
        yield "It was not caught contradicting itself."


def _test(context: Context, options: argparse.Namespace) -> Exit:
    from qtmail.engine.signing_in import Keys
    from qtmail.net import probe

    account = accounts.named(context.profile.accounts, options.name)
    needs_none = account.incoming.auth == "none"
    keys = Keys(context.profile)
    incoming = "" if needs_none else keys(account.key, Service.INCOMING)
    outgoing = None
    if account.outgoing is not None and account.outgoing.auth != "none":
        outgoing = keys(account.key, Service.OUTGOING)
    result = probe.test(account, incoming, outgoing)
    outcomes = {"incoming": result.incoming, "outgoing": result.outgoing}
    if options.json:
        context.out.json(
            {
                "account": account.name,
                "ok": result.ok,
                **{
                    name: {"ok": one.ok, "words": one.words, "hint": one.hint, "server_words": one.server_words}
                    for name, one in outcomes.items()
                },
            }
        )
    else:
        for name, one in outcomes.items():
            whole = MailError(one.words, hint=one.hint, server_words=one.server_words).sentence()
            context.out.text(f"{name}: {'ok' if one.ok else 'failed'}. {whole}")
    return Exit.DONE if result.ok else Exit.FAILED


def _sign_in(context: Context, options: argparse.Namespace) -> Exit:
    from qtmail.commands import sign_in  # with all that the web needs

    return sign_in.run(context, options)


def _retry(context: Context, options: argparse.Namespace) -> Exit:
    account = accounts.named(context.profile.accounts, options.name)
    context.mail.forget_findings(account.key)
    if options.json:
        context.out.json({"forgotten": account.name})
    else:
        context.out.say(f"What the server of {account.name} was caught at is forgotten; the next sync finds out anew.")
    return Exit.DONE


def _remove(context: Context, options: argparse.Namespace) -> Exit:
    account = accounts.named(context.profile.accounts, options.name)
    unsent = [item for item in context.mail.outbox() if item.account == account.key]
    stuck = [item for item in unsent if item.state is not SendState.REFUSED]
    if stuck and not options.force:
        raise BadInput(
            f"Mail of this account waits in the Outbox ({counted(len(stuck), 'message')}).",
            hint="Send or delete them first, or add --force.",
        )
    context.mail.forget_account(account.key, with_mail=options.with_mail)
    if options.json:
        context.out.json({"removed": account.name})
    else:
        context.out.say(f"{account.name} is removed, its password forgotten. Nothing was changed on its servers.")
    return Exit.DONE


def _host(server: Server) -> str:
    return f"{server.host}:{server.port}"


def _value(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "address": account.address,
        "display_name": account.display_name,
        "enabled": account.enabled,
        "incoming": {"protocol": account.protocol.value, **_server_value(account.incoming)},
        "outgoing": _server_value(account.outgoing) if account.outgoing else None,
    }


def _server_value(server: Server) -> dict[str, Any]:
    return {
        "host": server.host,
        "port": server.port,
        "security": server.security.value,
        "username": server.username,
        "auth": server.auth,
    }


_ACTIONS: dict[str, Callable[[Context, argparse.Namespace], Exit]] = {
    "add": _add,
    "list": _list,
    "show": _show,
    "test": _test,
    "sign-in": _sign_in,
    "retry": _retry,
    "remove": _remove,
}

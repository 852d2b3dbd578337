"""`qtmail vault create | change | remove | show`: passwords behind a passphrase instead of in the system's keyring."""

import argparse
import getpass
import sys

from qtmail import secrets
from qtmail.commands.context import Context
from qtmail.commands.output import counted
from qtmail.commands.table import Exit
from qtmail.engine.vaulting import into_keyring, into_vault
from qtmail.errors import BadInput

_WORDS = """Without a keyring, or where you want none, passwords can be kept in an encrypted file of the profile. Nobody
can open it without the passphrase, and nobody can tell you a forgotten one."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description = _WORDS
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, words in (
        ("create", "make it, and move the passwords out of the keyring into it"),
        ("change", "give it another passphrase"),
        ("remove", "move the passwords into the keyring, and delete it"),
        ("show", "say where the passwords are kept"),
    ):
        one = actions.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
        if name != "show":
            one.add_argument(
                "--passphrase-stdin",
                action="store_true",
                help="read the passphrase from stdin (for change: the old one, then the new one, a line each)",
            )


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Do it. Raises BadInput, NoSecret, SecretsLocked."""
    vault = secrets.use_vault(context.profile.create().vault)
    if options.action == "show":
        context.out.text(secrets.place())
        return Exit.DONE
    if options.action == "create":
        if vault.exists():
            raise BadInput("There is a vault already.", hint="qtmail vault change gives it another passphrase.")
        moved = into_vault(context.profile, _new(options))
        context.out.say(f"The vault is made; {counted(moved, 'secret')} moved into it. Keep its passphrase safe.")
        return Exit.DONE
    if not vault.exists():
        raise BadInput("There is no vault in this profile.", hint="qtmail vault create makes one.")
    vault.open(_read(options, "Passphrase of the vault: "))
    secrets.reset()
    if options.action == "change":
        vault.change(_new(options))
        context.out.say("The vault has another passphrase now.")
    else:
        moved = into_keyring(context.profile)
        context.out.say(f"{counted(moved, 'secret')} moved into the keyring; the vault is gone.")
    return Exit.DONE


def _new(options: argparse.Namespace) -> str:
    passphrase = _read(options, "New passphrase: ")
    if not options.passphrase_stdin and getpass.getpass("Once more: ", sys.stderr) != passphrase:
        raise BadInput("The two are not the same.", hint="Begin again.")
    return passphrase


def _read(options: argparse.Namespace, prompt: str) -> str:
    if options.passphrase_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise BadInput("Nobody can be asked for the passphrase here.", hint="Add --passphrase-stdin.")
    return getpass.getpass(prompt, sys.stderr)

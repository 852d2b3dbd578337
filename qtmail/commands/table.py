"""Every command, declared once: its name, the module that does it, and what `qtmail --help` says of it."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from qtmail.commands.context import Context


class Exit(IntEnum):
    """What a command ends with (design 7)."""

    DONE = 0
    FAILED = 1
    """Refused or failed."""
    WRONG_USE = 2
    PARTLY = 3
    """Some of it was done."""
    INTERRUPTED = 130


class CommandModule(Protocol):
    """What a command's module holds."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""

    def run(self, context: "Context", options: argparse.Namespace) -> Exit:
        """Do it. Raises MailError, told in one line and answered with FAILED."""


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    words: str
    module_name: str = ""
    """Below qtmail.commands; empty: as the command is called."""
    prepare: Callable[[Sequence[str]], list[str]] = list
    """Rewrites arguments that argparse would misread."""
    looks_only: bool = False
    """It changes nothing and keeps no log: as quick as can be."""

    def module(self) -> CommandModule:
        """The module itself: only the command that runs is imported."""
        found: CommandModule = import_module(f"qtmail.commands.{self.module_name or self.name}")
        return found


def plus_and_minus(arguments: Sequence[str]) -> list[str]:
    """`+seen -flagged` as argparse can read it: `--on=seen --off=flagged`."""
    return [_option(argument) for argument in arguments]


def _option(argument: str) -> str:
    if argument.startswith("+"):
        return f"--on={argument[1:]}"
    if argument.startswith("-") and not argument.startswith("--") and argument != "-h":
        return f"--off={argument[1:]}"
    return argument


def minus_words(arguments: Sequence[str]) -> list[str]:
    """`-word`, which a search leaves out, as argparse can read it: `--without=word`."""
    return [
        f"--without={argument[1:]}"
        if argument[:1] == "-" and argument[1:2] not in ("", "-") and argument != "-h"
        else argument
        for argument in arguments
    ]


COMMANDS: tuple[Command, ...] = (
    Command("account", "add, list, show, test or remove an account"),
    Command("sync", "do one full pass with the servers, then end"),
    Command("folders", "list the folders", looks_only=True),
    Command("list", "list the messages of a folder, newest first", "list_messages", looks_only=True),
    Command("show", "show messages", looks_only=True),
    Command("search", "find messages, newest first", prepare=minus_words, looks_only=True),
    Command("send", "send a message file"),
    Command("outbox", "list what waits to be sent: send, hold, put off, pause; say what arrived"),
    Command("flag", "set and clear flags: flag ID +seen -flagged", prepare=plus_and_minus),
    Command("move", "move a message to another folder"),
    Command("delete", "move a message to Trash; delete it for good if it is there"),
    Command("conversation", "split, join, mute or unmute conversations"),
    Command("pop", "say what shall happen to messages on a POP3 server: keep, remove, download the rest"),
    Command("undo", "take back what was done last"),
    Command("import", "take in mbox, Maildir, MH, .eml; Thunderbird, Apple Mail, Outlook", "import_mail"),
    Command("export", "write a folder, a search or messages as mbox, Maildir, .eml or PDF files"),
    Command("backup", "bring a backup up to date, or rehearse restoring it"),
    Command("restore", "merge a backup into this profile"),
    Command("verify", "check the store against itself and the servers; repair it"),
    Command("space", "show how much room the mail takes, by account and folder"),
    Command("free", "make room: drop the content of old mail that its server has, until it is opened"),
    Command("network", "list every host that was contacted, when, what for and how much", looks_only=True),
    Command("vault", "keep passwords in a file behind a passphrase instead of the keyring"),
    Command("encrypt", "encrypt the whole store, or no longer"),
    Command("unlock", "open an encrypted store with its recovery key"),
)


def named(name: str) -> Command | None:
    """The command of this name."""
    return next((command for command in COMMANDS if command.name == name), None)

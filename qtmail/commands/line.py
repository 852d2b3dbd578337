"""The command line read: program-wide options first, then one command with its own, or what the window shall open."""

import argparse
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qtmail import __version__
from qtmail.commands.table import COMMANDS, Command, named
from qtmail.errors import BadInput
from qtmail.paths import Profile, default_profile

_SUMMARY = "A desktop mail client you can trust with twenty years of mail. Without a command the window opens."
_WIDTH = max(len(command.name) for command in COMMANDS) + 2
_COMMANDS = "commands (each explains itself with --help):\n" + "\n".join(
    f"  {command.name:{_WIDTH}}{command.words}" for command in COMMANDS
)
_PROFILE = "folder that holds everything of a profile"


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the program was started for. `command` None: the window, or with `engine` the process behind it."""

    profile: Profile
    command: Command | None = None
    options: argparse.Namespace | None = None
    engine: bool = False
    demo: bool = False
    tour: Path | None = None
    opens: tuple[str, ...] = ()
    """Mail files (absolute paths) and mailto: addresses."""


def parse(arguments: Sequence[str]) -> Invocation:
    """Read the command line. Ends with SystemExit(2) and a sentence on stderr on wrong use, 0 after --help."""
    parser = _program()
    found = parser.parse_args(arguments)
    profile = _profile(found.profile)
    if found.command is None:
        return Invocation(profile, engine=found.engine, demo=found.demo, tour=found.tour)
    if command := named(found.command):
        options = _command(command).parse_args(command.prepare(found.rest))
        return Invocation(_profile(options.profile) if "profile" in options else profile, command, options)
    try:
        opens = tuple(_opens(word) for word in (found.command, *found.rest))
    except BadInput as error:
        parser.error(error.sentence())
    return Invocation(profile, demo=found.demo, tour=found.tour, opens=opens)


def _program() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qtmail",
        description=_SUMMARY,
        epilog=_COMMANDS,
        usage="qtmail [--profile DIR] [COMMAND ... | FILE.eml | mailto:ADDRESS]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"qtmail {__version__}")
    parser.add_argument("--profile", type=Path, metavar="DIR", help=_PROFILE)
    parser.add_argument("--demo", action="store_true", help="try it with demo accounts; nothing leaves this machine")
    parser.add_argument(
        "--tour", type=Path, metavar="DIR", help="walk the demo by itself, save pictures in DIR, and end"
    )
    parser.add_argument("--engine", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("command", nargs="?", metavar="COMMAND", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _command(command: Command) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"qtmail {command.name}",
        description=f"{command.words[0].upper()}{command.words[1:]}.",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--profile", type=Path, metavar="DIR", default=argparse.SUPPRESS, help=_PROFILE)
    command.module().configure(parser)
    return parser


def _profile(given: Path | None) -> Profile:
    """Raises BadInput for bytes that are no text: the databases inside could not be named."""
    if given is None:
        return default_profile()
    root = given.expanduser().absolute()
    try:
        str(root).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadInput(f"The profile folder {root} has a name that is no text.", hint="Rename it.") from error
    return Profile(root)


def _opens(word: str) -> str:
    """A mail file or a mailto: URL for the window; anything else is a mistyped command."""
    if word.lower().startswith("mailto:"):
        return word
    path = Path(word)
    if path.is_file():
        return str(path.absolute())
    if word.startswith("-"):
        raise BadInput(f"{word} is not an option here.", hint="See qtmail --help.")
    if path.suffix.lower() == ".eml" or "/" in word:
        raise BadInput(f"The file {word} is not there.")
    near = difflib.get_close_matches(word, [command.name for command in COMMANDS], 1)
    raise BadInput(
        f"“{word}” is neither a command nor a mail file.",
        hint=f"Did you mean “{near[0]}”?" if near else "See qtmail --help.",
    )

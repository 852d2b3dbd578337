"""`qtmail flag ID... +seen -flagged`: set and clear flags and keywords."""

import argparse

from qtmail.commands.acts import finish
from qtmail.commands.context import Context
from qtmail.commands.shapes import existing
from qtmail.commands.table import Exit
from qtmail.errors import BadInput
from qtmail.model import Flag

_NAMES = {flag.value.lstrip("\\$").lower(): flag.value for flag in Flag if flag is not Flag.DELETED}
_NOT_ATOM = frozenset('(){%*"\\] ')
_EPILOG = f"Flags: {', '.join(sorted(_NAMES))}; any other word is a keyword of your own."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.usage = "qtmail flag [-h] ID [ID ...] +FLAG -FLAG ..."
    parser.epilog = _EPILOG
    parser.add_argument("ids", metavar="ID", nargs="+", help="as “qtmail list” prints it")
    parser.add_argument("--on", action="append", default=[], metavar="FLAG", help="the same as +FLAG")
    parser.add_argument("--off", action="append", default=[], metavar="FLAG", help="the same as -FLAG")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def flag_of(word: str) -> str:
    """The flag behind "seen", "\\\\Seen" or a keyword of the user's own. Raises BadInput for what cannot be one."""
    known = _NAMES.get(word.lstrip("\\$").lower())
    if known:
        return known
    if not word or word.startswith("\\") or not word.isascii() or not word.isprintable() or _NOT_ATOM & set(word):
        raise BadInput(f"“{word}” cannot be a flag.", hint=_EPILOG)
    return word


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Change them here; the servers hear of it at the next sync, or at once when the window is open."""
    changes = [(flag_of(word), True) for word in options.on] + [(flag_of(word), False) for word in options.off]
    if not changes:
        raise BadInput("No flag is named.", hint="Write +seen or -flagged after the id.")
    if both := {flag for flag, on in changes if on} & {flag for flag, on in changes if not on}:
        raise BadInput(f"{min(both)} is both put on and taken off.", hint="Name each flag once.")
    rows, missing = existing(context, options.ids)
    done = [context.acting.set_flags(tuple(rows), changes)] if rows else []
    return finish(context, done, len(rows), missing, as_json=options.json)

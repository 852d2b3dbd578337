"""`qtmail encrypt`: encrypt the whole store, or no longer; show the recovery key again."""

import argparse

from qtmail.commands.context import Context
from qtmail.commands.output import Output
from qtmail.commands.table import Exit

_KEEP = (
    "Write this recovery key down, or print it, and keep it where you keep other papers. With it your mail can be "
    "opened when the keyring is lost; without either of them nobody can read it, nor can we."
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=("status", "on", "off", "show-recovery-key"),
        nargs="?",
        default="status",
        help="on and off write the store anew beside the old one, which needs room for it, and no open qtmail",
    )


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Killed or interrupted at any moment, the store is whole; the same command goes on."""
    from qtmail.engine import protecting

    context.profile.create()
    before = protecting.protection(context.profile)
    if options.what == "on" and before is not protecting.Protection.ON:
        key = protecting.new_recovery_key()
        if before is protecting.Protection.PARTLY:
            key = protecting.recovery_key(context.profile)
        context.out.text(f"Recovery key: {key}")
        context.out.say(_KEEP)
        protecting.turn_on(context.profile, key, Told(context.out))
    elif options.what == "off" and before is not protecting.Protection.OFF:
        protecting.turn_off(context.profile, Told(context.out))
    elif options.what == "show-recovery-key":
        context.out.text(protecting.recovery_key(context.profile))
        return Exit.DONE
    context.out.text(f"Encryption: {protecting.protection(context.profile)}.")
    return Exit.DONE


class Told:
    """Says every tenth of the way once."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._next = 1

    def __call__(self, done: int, total: int) -> bool:
        """Never stops it: Ctrl+C does."""
        while total and done * 10 >= self._next * total and self._next <= 10:
            self._out.say(f"{self._next * 10} % written ...")
            self._next += 1
        return False

"""`qtmail network`: every host this program contacted, when, what for and how much."""

import argparse
from dataclasses import asdict

from qtmail.commands.context import Context
from qtmail.commands.output import local_time, octets
from qtmail.commands.table import Exit
from qtmail.engine.contacted import WORDS, receipts


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="each contact, not a line for each host and purpose")
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """The newest first."""
    found = receipts(context.profile)
    if options.json:
        context.out.json([asdict(one) for one in (found.every if options.all else found.hosts)])
        return Exit.DONE
    if options.all:
        context.out.table(
            [
                (
                    *(local_time(one.at), f"{one.host}:{one.port}", WORDS[one.why]),
                    *(octets(one.octets_in), octets(one.octets_out), one.trouble),
                )
                for one in found.every
            ],
            right=frozenset({3, 4}),
        )
    else:
        context.out.table(
            [
                (
                    *(local_time(one.last), f"{one.host}:{one.port}", one.purpose, f"{one.times:,} times"),
                    *(octets(one.octets_in), octets(one.octets_out)),
                )
                for one in found.hosts
            ],
            right=frozenset({3, 4, 5}),
        )
    if found.since is None:
        context.out.say("Nobody was contacted yet.")
    else:
        context.out.say(f"Since {local_time(found.since)}; received and sent as the network carried it.")
    return Exit.DONE

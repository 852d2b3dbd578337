"""`qtmail space`: how much room the mail takes, by account and folder."""

import argparse

from qtmail.commands.context import Context
from qtmail.commands.output import octets
from qtmail.commands.table import Exit

TRUTH = (
    "Sizes are those of the mail itself; on the disk it is compressed. A message in several folders counts once. Room "
    "that is freed inside the files is used by the next mail; “qtmail free --shrink” gives it back to the disk."
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON value")


def run(context: Context, options: argparse.Namespace) -> Exit:
    """Largest folder first."""
    found = context.mail.space()
    names = {folder.id: context.folder_name(folder) for folder in context.mail.folders()}
    listed = sorted(found.folders, key=lambda one: -one.octets)
    if options.json:
        context.out.json(
            {
                "folders": [
                    {
                        "folder": names.get(one.folder, one.path),
                        "messages": one.messages,
                        "octets": one.octets,
                        "away": one.away,
                    }
                    for one in listed
                ],
                "octets": sum(one.octets for one in listed),
                "disk": {"facts": found.facts, "content": found.content, "unused": found.unused},
            }
        )
        return Exit.DONE
    context.out.table(
        [
            (names.get(one.folder, one.path), f"{one.messages:,}", octets(one.octets), f"{one.away:,} not here")
            for one in listed
        ],
        right=frozenset({1, 2, 3}),
    )
    context.out.text(
        f"All mail: {octets(sum(one.octets for one in listed))}. On the disk: {octets(found.content)} of content and "
        f"{octets(found.facts)} of lists and search, of which {octets(found.unused)} wait for new mail."
    )
    context.out.say(TRUTH)
    return Exit.DONE

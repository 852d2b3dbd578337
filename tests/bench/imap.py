"""The IMAP engine beside mbsync with fsync: a table of times, ratios, octets on the wire, round trips and memory.

Both run as programs of their own, start included, and end durable; ours also parses, threads and indexes. Both get the
same mailbox from the same Dovecot on loopback; where changes are pushed, each has a copy of its own.
"""

import shutil
import statistics
from functools import partial
from pathlib import Path

from qtmail.model import Flag, RowId
from tests.bench.corpus import messages
from tests.bench.imap_peers import (
    Engine,
    Peers,
    Side,
    client,
    compare,
    expect,
    fill,
    judge,
    line_to,
    measure,
    place,
    run_quietly,
)
from tests.bench.wire import TurnCounter
from tests.servers import Dovecot

ONE_WAY_S = 0.025
FOLDERS = 100
FLAGGED, DELETED = 1000, 100
MEMORY_MB = 250
ROWS = 1000
ONCE = 50_000
"""Messages from which on one round of a first sync is enough: it takes a minute."""


def run(rounds: int, *, quick: bool = False) -> None:
    """Every measurement of the table; `quick`: a tenth of the messages and folders."""
    if not shutil.which("mbsync"):
        raise SystemExit("bench imap needs mbsync: install isync")
    part = 10 if quick else 1
    peak = [
        first_sync(10_000 // part, 46_000, rounds, target=0.6),
        first_sync(100_000 // part, 3_500, rounds, target=0.3),
        first_sync(10_000 // part, 46_000, rounds, target=1.0, one_way=ONE_WAY_S),
        nothing_new(FOLDERS // part, rounds),
        changes(10_000 // part, FLAGGED // part, DELETED // part, rounds),
    ]
    judge("peak memory of the engine", max(peak), MEMORY_MB, "MB")


def first_sync(count: int, mean_size: int, rounds: int, *, target: float, one_way: float = 0.0) -> float:
    """Everything from nothing. -> the engine's peak memory, MB."""
    with place() as (server, work):
        user = server.add_user()
        corpus_octets = fill(server, user, messages(count, mean_size))
        ours, theirs, rows_after = Side(), Side(), []
        peak = 0.0
        with line_to(server, one_way) as port:
            peers = Peers(server, work, port)
            for number in range(1 if count >= ONCE else rounds):
                measure(theirs, server, partial(run_quietly, peers.mbsync(str(number), user)))
                engine = peers.qtmail(str(number), user)
                measure(ours, server, partial(engine.sync, "--rows", str(min(ROWS, count))))
                expect(engine.told["bodies"] == count, f"{count} bodies, not {engine.told['bodies']}")
                rows_after.append(engine.told["rows_after"] or engine.told["seconds"])
                peak = max(peak, engine.most_megabytes)
    delay = f", {2000 * one_way:.0f} ms round trips" if one_way else ""
    compare(f"first sync, {count:,} x {corpus_octets / count / 1000:.1f} KB{delay}", ours, theirs, target)
    for name, side in (("qtmail", ours), ("mbsync", theirs)):
        speed = f"{count / side.wall:,.0f} messages/s, {corpus_octets / side.wall / 1e6:.0f} MB/s"
        print(f"    {name}: {speed}, {side.octets / 1e6:.1f} MB on the wire", flush=True)
    judge(f"    newest {min(ROWS, count):,} rows after", statistics.median(rows_after), 1.0, "s, login included")
    mine, peer = (statistics.median(side.processor) for side in (ours, theirs))
    print(f"    processor time: qtmail {mine:.1f} s, mbsync {peer:.1f} s, both without the server's", flush=True)
    print(f"    peak memory {peak:.0f} MB", flush=True)
    return peak


def nothing_new(folders: int, rounds: int) -> float:
    """A second pass over many folders: round trips, processor time, octets. -> the engine's peak memory, MB."""
    with place() as (server, work), TurnCounter(server.imap) as line:
        user = server.add_user()
        for number in range(folders):
            fill(server, user, messages(20, 2_000, seed=number), f"Folder {number}")
        peers = Peers(server, work, line.port)
        command, engine = peers.mbsync("many", user), peers.qtmail("many", user)
        run_quietly(command)
        engine.sync()
        ours, theirs = Side(), Side()
        for _ in range(rounds):
            measure(theirs, server, partial(run_quietly, command), line)
            measure(ours, server, engine.sync, line)
            expect(engine.told["new"] == engine.told["bodies"] == 0, "nothing new")
        processor = engine.sync("--passes", "3")["processor"]
    compare(f"nothing new in {folders} folders", ours, theirs, None)
    judge("    round trips, login included", ours.turns, 4, f"(mbsync {theirs.turns})")
    words = f"ms of processor (mbsync {1000 * statistics.median(theirs.processor):.0f} with its start)"
    judge("    a pass takes", 1000 * processor, 50, words)
    print(f"    on the wire: qtmail {ours.octets:,}, mbsync {theirs.octets:,} octets", flush=True)
    return engine.most_megabytes


def changes(count: int, flagged: int, deleted: int, rounds: int) -> float:
    """Flags and deletions, made here and pushed, then made elsewhere and fetched. -> peak memory, MB."""
    with place() as (server, work):
        peers = Peers(server, work, both_ways=True)
        sides = {name: Side() for name in ("pushed ours", "pushed theirs", "fetched ours", "fetched theirs")}
        peak = 0.0
        for number in range(rounds):
            users = server.add_user(), server.add_user()
            for user in users:
                fill(server, user, messages(count, 3_500))
                fill(server, user, messages(2 * deleted, 3_500, seed=2), "Trash")
            command, engine = peers.mbsync(f"p{number}", users[0]), peers.qtmail(f"p{number}", users[1])
            run_quietly(command)
            engine.sync()
            _change_maildir(work / f"mbsync-p{number}", flagged, deleted)
            _change_rows(engine, flagged, deleted)
            measure(sides["pushed theirs"], server, partial(run_quietly, command))
            measure(sides["pushed ours"], server, engine.sync)
            sides["pushed ours"].alone.append(engine.told["seconds"])
            for user in users:
                expect(_state(server, user) == (flagged, deleted), "the changes on the server")
                _change_server(server, user, flagged, deleted)
            measure(sides["fetched theirs"], server, partial(run_quietly, command))
            measure(sides["fetched ours"], server, engine.sync)
            sides["fetched ours"].alone.append(engine.told["seconds"])
            with engine.mail() as mail:
                left = len(mail.ids([mail.folder_named("Bench/Trash").id]))
            expect(left == 0, f"an empty Trash, not {left} messages in it")
            peak = max(peak, engine.most_megabytes)
    for way, words in (("pushed", "made here"), ("fetched", "made elsewhere")):
        ours, theirs = sides[f"{way} ours"], sides[f"{way} theirs"]
        compare(f"{flagged:,} flags and {deleted:,} deletions {words}", ours, theirs, None)
        alone = statistics.median(ours.alone)
        judge("    the pass in a running engine takes", alone, theirs.wall, "s, mbsync with its start")
        print(f"    on the wire: qtmail {ours.octets:,}, mbsync {theirs.octets:,} octets", flush=True)
    return peak


def _change_maildir(root: Path, flagged: int, deleted: int) -> None:
    """What mbsync is to push: F on the first, T on those to delete."""
    for folder, letter, count in (("Inbox", "F", flagged), ("Trash", "T", deleted)):
        for file in sorted((root / folder / "cur").iterdir())[:count]:
            name, _, flags = file.name.rpartition(":2,")
            file.rename(file.with_name(f"{name}:2,{''.join(sorted({*flags, letter}))}"))


def _change_rows(engine: Engine, flagged: int, deleted: int) -> None:
    """The same in our store; what is in Trash is deleted for good."""
    with engine.mail() as mail:
        inbox, trash = (mail.folder_named(f"Bench/{name}").id for name in ("INBOX", "Trash"))
        mail.set_flag([RowId(row) for row in mail.ids([inbox])[:flagged]], Flag.FLAGGED, True)
        mail.delete([RowId(row) for row in mail.ids([trash])[:deleted]])


def _change_server(server: Dovecot, user: str, flagged: int, deleted: int) -> None:
    """Another client: flags taken away again, the rest of Trash expunged."""
    with client(server, user) as other:
        other.select_folder("INBOX")
        other.remove_flags(other.search("FLAGGED")[:flagged], [b"\\Flagged"])
        other.select_folder("Trash")
        other.add_flags(other.search("ALL")[:deleted], [b"\\Deleted"])
        other.expunge()


def _state(server: Dovecot, user: str) -> tuple[int, int]:
    """-> flagged in the inbox, left in Trash."""
    with client(server, user) as other:
        other.select_folder("INBOX", readonly=True)
        flagged = len(other.search("FLAGGED"))
        return flagged, other.select_folder("Trash", readonly=True)[b"EXISTS"]

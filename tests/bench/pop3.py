"""Fetching a whole mailbox over POP3 beside mpop, which writes into a Maildir: messages a second.

Both run as programs of their own, start included, and end durable; ours also parses and indexes.
"""

import shutil
import statistics
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from qtmail import accounts
from qtmail.model import Account, AccountKey, Protocol, Security, Server
from qtmail.paths import Profile
from tests.bench.corpus import messages
from tests.bench.imap_peers import Engine, expect, fill, place, run_quietly
from tests.bench.sync import timed
from tests.servers import DelayingProxy
from tests.servers.dovecot import SPARE_PASSWORD

SIZES = ((2_000, 10_000, 0.0), (10_000, 3_500, 0.0), (2_000, 46_000, 0.0), (1_000, 10_000, 0.025))
"""Messages, their mean size, and the time the line takes each way, seconds."""
TARGET = 1.0


def run(rounds: int, *, quick: bool = False) -> None:
    """Every size; `quick`: a tenth of the messages."""
    if not shutil.which("mpop"):
        raise SystemExit("bench pop3 needs mpop: install mpop")
    for count, mean_size, one_way in SIZES:
        _fetch(count // 10 if quick else count, mean_size, one_way, rounds)


def _fetch(count: int, mean_size: int, one_way: float, rounds: int) -> None:
    with place() as (server, work), DelayingProxy(server.pop3, one_way) as proxy:
        port = proxy.port if one_way else server.pop3
        user = server.add_user()
        octets = fill(server, user, messages(count, mean_size))
        ours: list[float] = []
        theirs: list[float] = []
        for number in range(rounds):
            folder = _maildir(work / f"mpop-{number}")
            theirs.append(timed(_mpop(folder, user, port)))
            expect(len(list((folder / "mail/new").iterdir())) == count, f"{count} messages from mpop")
            engine = _qtmail(work / f"qtmail-{number}", user, port)
            ours.append(timed(engine.sync))
            expect(engine.told["bodies"] == count, f"{count} messages, not {engine.told['bodies']}")
    delay = f", {2000 * one_way:.0f} ms round trips" if one_way else ""
    _report(f"{count:,} x {octets / count / 1000:.1f} KB{delay}", count, ours, theirs)


def _report(what: str, count: int, ours: Sequence[float], theirs: Sequence[float]) -> None:
    """Messages a second of both, and ours as a part of theirs."""
    mine, peer = count / statistics.median(ours), count / statistics.median(theirs)
    kept = "kept" if mine >= TARGET * peer else "MISSED"
    words = f"qtmail {mine:,.0f}, mpop {peer:,.0f} messages/s, ratio {mine / peer:.2f}"
    print(f"{what}: {words} (at least {TARGET}: {kept})", flush=True)


def _qtmail(root: Path, user: str, port: int) -> Engine:
    profile = Profile(root).create()
    server = Server("127.0.0.1", port, Security.NONE, user)
    address = f"{user}@example.test"
    accounts.put(profile.accounts, Account(AccountKey("bench"), "Bench", address, "", Protocol.POP3, server, None))
    return Engine(profile)


def _maildir(folder: Path) -> Path:
    for part in ("cur", "new", "tmp"):
        (folder / "mail" / part).mkdir(parents=True)
    return folder


def _mpop(folder: Path, user: str, port: int) -> Callable[[], object]:
    config = folder / "mpoprc"
    config.write_text(
        f"""
account bench
host 127.0.0.1
port {port}
user {user}
password {SPARE_PASSWORD}
tls off
auth user
pipelining on
keep on
delivery maildir {folder}/mail
uidls_file {folder}/uidls
"""
    )
    config.chmod(0o600)
    return partial(run_quietly, ["mpop", "-q", "-C", str(config), "bench"])

"""Real and scripted mail servers on loopback, for tests, benchmarks and trying by hand.

`Dovecot` (IMAP, POP3, LMTP), `Postfix` (submission, delivering into a Dovecot), `KeyringDaemon` (secret service on a
private D-Bus), `ScriptedServer` (faults, written like an RFC transcript), `CuttingProxy` (cuts the line after N
bytes), `DelayingProxy` (adds a round-trip time), `MeddlingProxy` (changes what an IMAP server says). Each is a
context manager, lives in a temporary directory and leaves nothing behind.

    with Dovecot() as imap, Postfix(imap) as smtp:
        account = imap.account("alice", outgoing=smtp)

`python -m tests.servers` runs both in the foreground and prints account files.
"""

from tests.servers.authority import Authority
from tests.servers.delaying import DelayingProxy
from tests.servers.dovecot import DOMAIN, PASSWORDS, SHARING, Dovecot
from tests.servers.keyring_daemon import KeyringDaemon
from tests.servers.meddling import MeddlingProxy
from tests.servers.postfix import BUSY, NOBODY, Postfix
from tests.servers.proxy import CuttingProxy
from tests.servers.scripted import ScriptedServer

__all__ = [
    "BUSY",
    "DOMAIN",
    "NOBODY",
    "PASSWORDS",
    "SHARING",
    "Authority",
    "CuttingProxy",
    "DelayingProxy",
    "Dovecot",
    "KeyringDaemon",
    "MeddlingProxy",
    "Postfix",
    "ScriptedServer",
]

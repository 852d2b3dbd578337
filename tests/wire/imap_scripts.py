"""What scripts of an IMAP server begin with, and sessions on them."""

from qtmail.net.imap import ImapSession
from tests.servers import ScriptedServer

GREETING = "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello"
IN = f"""{GREETING}
C: $ AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
S: $ OK [CAPABILITY IMAP4rev1] in"""
SELECTED = f"""{IN}
C: $ SELECT "INBOX"
S: * 3 EXISTS
S: * OK [UIDVALIDITY 7] valid
S: $ OK [READ-WRITE] selected"""


def connect(server: ScriptedServer, timeout: float = 5) -> ImapSession:
    return ImapSession.connect(server.server(), "secret", timeout=timeout)


def selected(server: ScriptedServer) -> ImapSession:
    session = connect(server)
    session.select(b"INBOX")
    return session


def able(capability: str) -> str:
    """SELECTED, on a server that offers one more thing."""
    return SELECTED.replace("IMAP4rev1] in", f"IMAP4rev1 {capability}] in")


def fetch(*replies: str) -> str:
    return "\n".join((SELECTED, "C: $ UID FETCH 1:3 (UID BODY.PEEK[])", *replies, "HOLD"))

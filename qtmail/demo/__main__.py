"""The process behind the demo: fill the mailboxes, serve, print one JSON line, end when stdin closes."""

import asyncio
import logging
import sys
import threading
import warnings
from datetime import datetime

from qtmail.demo import mailboxes, process
from qtmail.demo.imap import ImapServer
from qtmail.demo.smtp import SmtpServer

HOST = "127.0.0.1"


async def serve() -> None:
    """Run both servers until the program that started us closes our stdin or goes away."""
    imap = ImapServer()
    await mailboxes.fill(imap, process.PASSWORD, datetime.now().astimezone())

    async def deliver(user: str, content: bytes) -> None:
        await imap.put(user, "INBOX", content, datetime.now().astimezone())

    smtp = SmtpServer(mailboxes.DOMAIN, imap.knows, imap.password_fits, deliver)
    async with await imap.serve(HOST) as imap_port, await smtp.serve(HOST) as smtp_port:
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        # A thread, because asyncio cannot read a pipe given as stdin on every system.
        threading.Thread(target=_wait_for_the_end, args=(loop, ended), daemon=True).start()
        line = process.line_for(mailboxes.IDENTITIES, HOST, _port(imap_port), _port(smtp_port))
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        await ended.wait()


def _wait_for_the_end(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    while sys.stdin.buffer.read(1024):
        pass
    loop.call_soon_threadsafe(ended.set)


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


def main() -> int:
    """Serve; -> exit status."""
    # aiosmtpd says on every connection that a login without TLS is unwise; on loopback it is what we want.
    warnings.filterwarnings("ignore", module=r"aiosmtpd\.")
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    asyncio.run(serve())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

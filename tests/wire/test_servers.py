"""The servers the other tests stand on: quick to start, separate, gone without a trace."""

import re
import signal
import subprocess
import sys
from pathlib import Path

from qtmail import accounts
from qtmail.errors import Unreachable
from qtmail.model import Protocol, Server
from qtmail.net.imap import ImapSession
from qtmail.net.smtp import SmtpSession
from tests.servers import PASSWORDS, CuttingProxy, Dovecot, Postfix
from tests.wire.conftest import message


def test_dovecot_keeps_its_mail_and_ports_over_an_outage_and_leaves_nothing() -> None:
    with Dovecot() as server:
        server.fill("alice", [message(1)])
        server.stop()
        server.start()
        session = ImapSession.connect(server.server("alice", Protocol.IMAP), PASSWORDS["alice"])
        assert session.select(b"INBOX").exists == 1
        session.close()
        root = server.root
    assert not root.exists()


def test_two_at_once() -> None:
    with Dovecot() as one, Dovecot() as two, Postfix(two) as smtp:
        assert one.imap != two.imap
        session = SmtpSession.connect(smtp.server("bob"), PASSWORDS["bob"])
        session.quit()


def test_an_unplugged_proxy(dovecot: Dovecot, user: str) -> None:
    with CuttingProxy(dovecot.imap) as proxy:
        server = Server("127.0.0.1", proxy.port, dovecot.server(user, Protocol.IMAP).security, user)
        ImapSession.connect(server, "secret").close()
        proxy.unplug()
        assert not _reachable(server)
        proxy.plug()
        assert _reachable(server)


def _reachable(server: Server) -> bool:
    try:
        ImapSession.connect(server, "secret", timeout=5).close()
    except Unreachable:
        return False
    return True


def test_the_servers_run_by_hand(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.servers", str(tmp_path), "--mail", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        said = ""
        while "Running" not in said:
            line = running.stdout.readline()
            assert line, said
            said += line
        account = accounts.parse((tmp_path / "alice.toml").read_text(), base=tmp_path)
        session = ImapSession.connect(account.incoming, PASSWORDS["alice"])
        assert session.select(b"INBOX").exists == 3
        session.close()
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 0
    ca = re.search(r"CA (\S+)", said)
    assert ca
    assert not Path(ca[1]).exists()

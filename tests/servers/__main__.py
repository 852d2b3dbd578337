"""Run a Dovecot and a Postfix in the foreground and print how to use them: python -m tests.servers [--mail N] [DIR].

DIR (default: a new temporary one) gets an account file per user and protocol, and ca.pem. Ends at Ctrl+C or TERM.
"""

import argparse
import signal
import tempfile
import threading
from pathlib import Path

from tests.servers import DOMAIN, PASSWORDS, Dovecot, Postfix

_ACCOUNT = """name = "{name}"
address = "{user}@{domain}"
display_name = "{display}"

[incoming]
protocol = "{protocol}"
host = "127.0.0.1"
port = {port}
security = "none"
username = "{user}"

[outgoing]
host = "127.0.0.1"
port = {smtp}
security = "starttls"
username = "{user}"
ca_file = "ca.pem"
"""


def write_accounts(directory: Path, imap: Dovecot, smtp: Postfix) -> list[Path]:
    """alice.toml (IMAP), alice-pop3.toml and so on. -> their paths."""
    (directory / "ca.pem").write_bytes(Path(imap.ca_file).read_bytes())
    written = []
    for user in PASSWORDS:
        for protocol, port in (("imap", imap.imap), ("pop3", imap.pop3)):
            suffix = "" if protocol == "imap" else "-pop3"
            path = directory / f"{user}{suffix}.toml"
            path.write_text(
                _ACCOUNT.format(
                    name=user.capitalize() + suffix,
                    user=user,
                    display=f"{user.capitalize()} Example",
                    domain=DOMAIN,
                    protocol=protocol,
                    port=port,
                    smtp=smtp.smtp,
                )
            )
            written.append(path)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, help="where the account files go")
    parser.add_argument("--mail", type=int, default=20, help="messages put into alice's inbox (default 20)")
    chosen = parser.parse_args()
    directory = chosen.directory or Path(tempfile.mkdtemp(prefix="qtmail-accounts-"))
    directory.mkdir(exist_ok=True, parents=True)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Dovecot() as imap, Postfix(imap) as smtp:
        imap.fill("alice", (sample(number) for number in range(chosen.mail)), flags="")
        print(f"IMAP {imap.imap} (TLS {imap.imaps})   POP3 {imap.pop3} (TLS {imap.pop3s})   SMTP {smtp.smtp}")
        print(f"CA {imap.ca_file}   logs {imap.root}/dovecot.log")
        for path in write_accounts(directory, imap, smtp):
            print(f"{path}   password: {PASSWORDS[path.stem.removesuffix('-pop3')]}")
        print("Running; Ctrl+C ends.", flush=True)
        stop.wait()


def sample(number: int) -> bytes:
    """A small plain message, distinct by number."""
    return (
        f"From: Bob Example <bob@{DOMAIN}>\r\nTo: Alice <alice@{DOMAIN}>\r\nSubject: Sample {number}\r\n"
        f"Date: Tue, 14 Nov 2023 22:{number % 60:02}:20 +0000\r\nMessage-ID: <sample.{number}@{DOMAIN}>\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThis is sample number {number}.\r\n"
    ).encode()


if __name__ == "__main__":
    main()

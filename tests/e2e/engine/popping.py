"""A process that checks one POP3 account over and over, to be killed: python -m ... PROFILE PORT."""

import sys
from pathlib import Path

from qtmail.engine.passes import sync_once
from qtmail.model import Account, AccountKey, PopPolicy, Protocol, Security, Server
from qtmail.paths import Profile


def main() -> None:
    server = Server("127.0.0.1", int(sys.argv[2]), Security.NONE, "alice")
    policy = PopPolicy(keep_on_server=False)
    account = Account(
        *(AccountKey("alice"), "Alice", "alice@example.test", "", Protocol.POP3, server, None), pop=policy
    )
    print("ready", flush=True)
    sync_once(Profile(Path(sys.argv[1])), (account,), passwords=lambda _account, _service: "wonderland")


if __name__ == "__main__":
    main()

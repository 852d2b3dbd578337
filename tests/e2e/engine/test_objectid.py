"""Servers that give folders and messages ids of their own (OBJECTID): what another client moves is not fetched again.

On the demo's server, which has them (Dovecot does not).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from imapclient import IMAPClient

from qtmail.demo.process import PASSWORD, DemoProcess
from qtmail.model import Account
from tests.e2e.engine.conftest import Desktop


@pytest.fixture
def account() -> Iterator[Account]:
    with DemoProcess.start() as demo:
        yield demo.accounts[0]


@contextmanager
def elsewhere(account: Account) -> Iterator[IMAPClient]:
    client = IMAPClient(account.incoming.host, account.incoming.port, ssl=False, use_uid=True)
    client.login(account.incoming.username, PASSWORD)
    try:
        yield client
    finally:
        client.logout()


def test_what_another_client_moves_and_renames_is_not_fetched_again(desktop: Desktop, account: Account) -> None:
    account = desktop.add(account)
    desktop.passwords[account.key] = PASSWORD
    first = desktop.sync()
    assert first.new == first.bodies > 10
    before = len(desktop.ids("Alma/INBOX"))
    garden = desktop.mail.folder_named("Alma/Projects/Garden")
    with elsewhere(account) as client:
        client.select_folder("INBOX")
        moved = client.search()[:3]
        client.move(moved, "Archive")
        client.rename_folder("Projects/Garden", "Allotment")
    second = desktop.sync()
    assert (second.new, second.bodies) == (3, 0)
    assert len(desktop.ids("Alma/INBOX")) == before - 3
    found = desktop.mail.folder_named("Alma/Allotment")
    assert (found.id, found.total) == (garden.id, garden.total)
    newest = desktop.ids("Alma/Archive")
    assert any("not fetched again" in desktop.mail.story(row)[0].what for row in newest)
    assert all(desktop.mail.raw(row) for row in newest)
    details = {one.name: one for one in desktop.mail.server_details(account.key).extensions}
    assert details["OBJECTID"].used
    assert details["OBJECTID"].verified
    third = desktop.sync()
    assert (third.new, third.bodies) == (0, 0)
    desktop.verified()

"""Help > Network: every host, what for, how much; filtered, sorted, saved, empty, damaged."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from qtmail.net import contacts
from qtmail.net.contacts import Why
from qtmail.paths import Profile
from qtmail.ui.network import NetworkWindow
from qtmail.ui.network.window import HEADINGS
from qtmail.ui.theme import Theme
from tests.qt.pictures import cut_off, picture


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Profile]:
    made = Profile(tmp_path / "profile").create()
    contacts.keep_in(made.network)
    yield made
    contacts.keep_in(None)


def opened(qtbot: QtBot, profile: Profile, theme: Theme) -> NetworkWindow:
    window = NetworkWindow(profile, theme)
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: "Reading …" not in window.summary.text())
    return window


def rows(window: NetworkWindow) -> list[tuple[str, ...]]:
    model = window.sorted
    return [
        tuple(str(model.index(row, column).data()) for column in range(len(HEADINGS)))
        for row in range(model.rowCount())
    ]


def test_every_host_once_for_each_purpose(qtbot: QtBot, profile: Profile, theme: Theme, tmp_path: Path) -> None:
    for octets in (1_000_000, 500_000):
        contacts.Open(Why.IMAP, "imap.example.org", 993).end(octets, 2_000)
    contacts.Open(Why.SMTP, "smtp.example.org", 465).end(400, 30_000)
    contacts.Open(Why.PICTURE, "pictures.of-a-newsletter-with-a-very-long-name.example.com", 443).end(80_000, 300)
    contacts.Open(Why.SERVERS, "autoconfig.example.org", 443).end(trouble="Unreachable")
    window = opened(qtbot, profile, theme)
    assert "4 hosts were contacted, 5 times in all" in window.summary.text()
    by_host = {row[0]: row for row in rows(window)}
    assert by_host["imap.example.org"][1:2] + by_host["imap.example.org"][3:] == (
        "Receiving mail (IMAP)", "2", "1.5 MB", "4 kB",
    )  # fmt: skip
    for name, scale in (("network", 1), ("network-2x", 2)):
        picture(window, scale, name)
    assert cut_off(window) == []
    window.table.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    assert rows(window)[0][0] == "imap.example.org"
    qtbot.keyClicks(window.filter, "SENDING")
    assert [row[0] for row in rows(window)] == ["smtp.example.org"]
    window.save(tmp_path / "contacts.csv")
    with (tmp_path / "contacts.csv").open(newline="") as file:
        saved = list(csv.DictReader(file))
    assert saved[0]["host"] == "autoconfig.example.org"
    assert [one["trouble"] for one in saved] == ["Unreachable", "", "", "", ""]
    assert sum(int(one["octets_in"]) for one in saved) == 1_580_400


def test_nobody_was_contacted(qtbot: QtBot, profile: Profile, theme: Theme) -> None:
    window = opened(qtbot, profile, theme)
    assert "Nobody was contacted yet" in window.summary.text()
    assert not window.save_button.isEnabled()
    contacts.Open(Why.SIGN_IN, "login.example.org", 443)
    window.again.click()
    qtbot.waitUntil(lambda: rows(window) != [])
    assert window.save_button.isEnabled()

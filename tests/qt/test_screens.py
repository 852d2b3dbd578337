"""Pictures of every screen beside the main window, light and dark, at one and two pixels a point, with trying words."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtmail import accounts, events, settings
from qtmail.engine.server_details import Caught, ExtensionState, ServerDetails
from qtmail.engine.server_limits import Limits
from qtmail.model import Account, AccountKey, AccountState, Address, Protocol, Role, Security, Server
from qtmail.net.imap_extensions import PURPOSES
from qtmail.net.imap_values import Quota
from qtmail.paths import Profile
from qtmail.settings import Scheme, Settings
from qtmail.ui.accounts import AccountDialog, SetUpDialog
from qtmail.ui.accounts.server_details import ServerDetailsDialog
from qtmail.ui.accounts.set_up import Stage
from qtmail.ui.accounts.subscriptions import SubscriptionsDialog
from qtmail.ui.actions import Act
from qtmail.ui.composer import open_composer
from qtmail.ui.preferences.window import Preferences
from qtmail.ui.reader import ReaderPane
from qtmail.ui.theme import DARK, LIGHT, Theme
from qtmail.ui.window.first_run import FirstRun
from tests.qt.fakes import HOME, WORK, FakeLink
from tests.qt.pictures import UNPAINTED, colours, cut_off, picture
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow

GWENDOLYN = Address(
    "Gwendolyn Featherstonehaugh-Marjoribanks of the Extraordinary Committee", "treasurer@friends-of-the-garden.test"
)
PEOPLE = (GWENDOLYN, Address("山田 ゆき", "yuki@ryokan.test"), Address("ليلى حداد", "layla@cedars.test"),
          Address("🌱 Garden", "garden@elm-lane.test"), Address("", "a@b.test"))  # fmt: skip
LONG = "Minutes of the extraordinary general meeting concerning the leaking north-western corner of the roof"
TEXT = "Dear all,\n\nご予約の確認（桜旅館・二名様）\nوصفة جدتي للمغلي\n🌱🌿🌳 It came up!\n\nGwendolyn\n"
MANY = (
    f"From: {GWENDOLYN.name} <{GWENDOLYN.address}>\r\n"
    f"To: alice@example.test, {', '.join(f'p{n}@b.test' for n in range(30))}\r\n"
    f"Subject: {LONG}\r\nDate: Tue, 03 Feb 2026 10:00:00 +0900\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    + TEXT + "> You wrote\n> > and so did I\n> > at length\n"
    + "".join(
        f'--b\r\nContent-Type: {type_}\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\nx\r\n'
        for type_, name in (
            ("application/pdf", "an-invoice-with-a-name-that-no-card-was-ever-made-for-2026-11-23-final-2.pdf"),
            ("image/png", "picture.png"), ("application/zip", "photos.zip"), ("text/csv", "a.csv"),
            ("audio/mpeg", "song.mp3"), ("video/mp4", "film.mp4"), ("application/x-thing", "thing"),
        )
    )
    + "--b--\r\n"
)  # fmt: skip


@dataclass
class Set:
    """What screens are made on."""

    mail: ShellMail
    link: FakeLink
    theme: Theme
    profile: Profile
    make_window: MakeWindow
    qtbot: QtBot
    ends: ExitStack

    def shown(self, widget: QWidget, size: tuple[int, int] | None = None) -> QWidget:
        if size:
            widget.resize(*size)
        widget.show()
        self.qtbot.waitExposed(widget)
        return widget


def account(name: str, protocol: Protocol = Protocol.IMAP) -> Account:
    server = Server("mail.a-provider-with-a-long-name.test", 993, Security.TLS, GWENDOLYN.address)
    return Account(AccountKey(""), name, GWENDOLYN.address, GWENDOLYN.name, protocol, server, server, signature=TEXT)


def first_run(scene: Set) -> QWidget:
    return scene.shown(FirstRun(scene.theme), (1000, 640))


def composer(scene: Set) -> QWidget:
    mail = scene.mail
    files = [mail.attach_bytes(name, "application/pdf", b"x") for name in ("plan.pdf", "ご予約.pdf", f"{LONG}.pdf")]
    draft = replace(
        mail.new_draft(WORK), to=PEOPLE, cc=PEOPLE[:2], subject=LONG, attachments=tuple(files),
        html=f"<p>Dear <b>all</b>,</p><ul><li>one</li><li>two</li></ul><p>{TEXT}</p>"
             "<blockquote><p>You wrote</p></blockquote>",
    )  # fmt: skip
    window = open_composer(mail.mail, scene.link, scene.theme, Settings(), draft)

    def end() -> None:
        window._end("")
        window.close()

    scene.ends.callback(end)
    return scene.shown(window)


def reader(scene: Set) -> QWidget:
    pane = ReaderPane(scene.mail.mail, scene.link, scene.theme, Settings(scheme=scene.theme.scheme, low_memory=True))
    scene.ends.callback(pane.close_windows)
    scene.shown(pane, (640, 720))
    row = scene.mail.add(MANY, scene.mail.of_role(Role.INBOX))
    with scene.qtbot.waitSignal(pane.displayed, timeout=5000):
        pane.show_row(row)
    pane.header.to.click()
    scene.qtbot.waitUntil(lambda: all(card.height() > 1 and card.isVisible() for card in pane.strip.cards))
    return pane


def preferences(page: str) -> "Callable[[Set], QWidget]":
    def make(scene: Set) -> QWidget:
        for name, protocol in (
            ("Work", Protocol.IMAP),
            (GWENDOLYN.name, Protocol.POP3),
            ("東京オフィス", Protocol.IMAP),
        ):
            accounts.put(scene.profile.accounts, account(name, protocol))
        dialog = Preferences(scene.profile, scene.link, scene.theme, Settings())
        dialog.show_page(page)
        return scene.shown(dialog, (760, 560))

    return make


def account_dialog(scene: Set) -> QWidget:
    kept = accounts.put(scene.profile.accounts, account(GWENDOLYN.name, Protocol.POP3))
    dialog = AccountDialog(scene.profile, scene.link, scene.theme, kept)
    dialog.verdict.say((
        ("Receiving", events.Tried(True, "mail.a-provider-with-a-long-name.test works: 12,345 messages.")),
        ("Sending", events.Tried(False, "The server does not speak TLS on port 993.", "Try STARTTLS.", "220 hello")),
    ))  # fmt: skip
    return scene.shown(dialog, (600, 720))


def set_up(*answers: events.Event) -> "Callable[[Set], QWidget]":
    """The set-up of an account, as far as these answers (of number 0) bring it."""

    def make(scene: Set) -> QWidget:
        dialog = SetUpDialog(scene.profile, scene.link, scene.theme)
        dialog.display_name.setText(GWENDOLYN.name)
        dialog.address.setText(GWENDOLYN.address)
        dialog.password.setText("wonderland")
        shown = scene.shown(dialog, (560, 560))
        for answer in answers:
            if dialog.stage is Stage.ASKING or isinstance(answer, events.AccountTested):
                dialog.next_button.click()
            scene.link.heard.emit(replace(answer, number=dialog._number))  # type: ignore[call-arg]
        return shown

    return make


LONG_HOST = "mail.a-provider-with-a-rather-long-name-indeed.example.test"
LOOKING = (
    events.AskedForServers(0, f"autoconfig.{LONG_HOST}", "It answers 404."),
    events.AskedForServers(0, "Mozilla's list of providers", "knows nothing"),
    events.AskedForServers(0, f"Mail exchangers of {LONG_HOST}"),
    events.AskedForServers(0, "DNS of example.test", "knows the servers", found=True),
)
FOUND = events.ServersFound(
    0,
    "Example Mail",
    tuple(
        events.ServerOffer(service, Server(f"{service}.{LONG_HOST}", port, username="gwendolyn@example.test"))
        for service, port in (("imap", 993), ("pop3", 995), ("smtp", 465))
    ),
    (events.Advice("Access by mail programs has to be switched on first.", "https://example.test/settings"),),
)
NOT_IN = events.AccountTested(
    0, events.Tried(False, "The password is not accepted.", "Type it again."), events.Tried(True, "It works.")
)


def server_details(scene: Set) -> QWidget:
    offered = ("IDLE", "CONDSTORE", "QRESYNC", "ESEARCH", "LIST-STATUS", "UIDPLUS", "MOVE", "QUOTA")
    rows = [
        ExtensionState(name, name in offered, n % 3 < 2, n % 3 < 1, purpose)
        for n, (name, purpose) in enumerate(PURPOSES.items())
    ]
    caught = (
        Caught(
            "SEARCH",
            f"The list of messages in {LONG} and their number contradict each other.",
            "Nothing is removed here before two answers agree.",
            12,
            1_795_428_000,
        ),
        Caught("NOTIFY", "The server refused it: 何も。", "It is not used.", 1, 1_795_420_000),
    )
    rows += [ExtensionState(f"X-{'UNHEARD-OF-' * 3}{n}", True, False, False) for n in range(6)]
    odd = next(n for n, row in enumerate(rows) if row.name == "QRESYNC")
    rows[odd] = replace(rows[odd], used=False, verified=False, trouble="It is not trusted on this server.")
    limits = Limits(1_795_428_000, (Quota("", "STORAGE", 14_600_000_000, 15_000_000_000),), largest=35_882_577)
    details = ServerDetails("p03.imap.mail.me.com:993", "Dovecot", 1_795_428_000, tuple(rows), caught, limits)
    return scene.shown(ServerDetailsDialog(account(GWENDOLYN.name), details, scene.theme), (720, 640))


def subscriptions(scene: Set) -> QWidget:
    for path in ("Lists", "Lists/qt", f"Lists/{LONG}", "日本語/予約", "وصفات"):
        scene.mail.put_folder(WORK, path)
    mine = [folder for folder in scene.mail.folders() if folder.account == WORK]
    every = [replace(folder, subscribed="Lists/" not in folder.path) for folder in mine]
    return scene.shown(SubscriptionsDialog(GWENDOLYN.name, every, True, scene.theme))


def palette(scene: Set) -> QWidget:
    window = scene.make_window(Settings(scheme=scene.theme.scheme))
    window.actions_[Act.PALETTE].trigger()
    finder = window.dialogs.finder
    assert finder is not None
    finder.field.setText("re")
    return finder


def shortcuts(scene: Set) -> QWidget:
    return scene.shown(scene.make_window(Settings(scheme=scene.theme.scheme)).dialogs.shortcuts())


def activity(scene: Set) -> QWidget:
    window = scene.make_window(Settings(scheme=scene.theme.scheme))
    scene.link.heard.emit(events.StateChanged(WORK, AccountState.SYNCING, "Fetching INBOX", 214, 5000))
    scene.link.heard.emit(events.StateChanged(HOME, AccountState.WRONG_PASSWORD, "The password is not accepted."))
    scene.link.heard.emit(
        events.Problem(HOME, "The server does not accept the password.", "Type it again.", "535 5.7.8 No, no, no.")
    )
    window.panel.open_above(window.status)
    return window.panel


SCREENS: dict[str, Callable[[Set], QWidget]] = {
    "first-run": first_run,
    "composer": composer,
    "reader": reader,
    "account": account_dialog,
    "set-up": set_up(),
    "set-up-looking": set_up(*LOOKING),
    "set-up-found": set_up(*LOOKING, FOUND),
    "set-up-nobody": set_up(*LOOKING[:3], events.ServersFound(0)),
    "set-up-refused": set_up(*LOOKING, FOUND, NOT_IN),
    "server-details": server_details,
    "subscriptions": subscriptions,
    "palette": palette,
    "shortcuts": shortcuts,
    "activity": activity,
    **{f"preferences-{page.lower()}": preferences(page) for page in
       dict.fromkeys(("Accounts", *(about.page for _, about in settings.declared() if about.page)))},
}  # fmt: skip


@pytest.fixture
def scene(
    shell: ShellMail, engine: FakeLink, theme: Theme, tmp_path: Path, make_window: MakeWindow, qtbot: QtBot
) -> Iterator[Set]:
    with ExitStack() as ends:
        yield Set(shell, engine, theme, Profile(tmp_path / "screens").create(), make_window, qtbot, ends)


def stand_still(qtbot: QtBot, widget: QWidget) -> None:
    """Wait until layouts have come to rest: two looks that see the same."""
    seen = [widget.grab().toImage()]

    def same() -> bool:
        seen.append(widget.grab().toImage())
        return seen[-1] == seen[-2]

    qtbot.wait(60)
    qtbot.waitUntil(same, timeout=5000)


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
@pytest.mark.parametrize("name", SCREENS)
def test_every_screen_in_both_schemes(scene: Set, name: str, scheme: Scheme) -> None:
    scene.theme.set(scheme)
    widget = SCREENS[name](scene)
    own, other = (DARK, LIGHT) if scheme is Scheme.DARK else (LIGHT, DARK)
    stand_still(scene.qtbot, widget)
    for scale in (1.0, 2.0):
        found = colours(picture(widget, scale, f"{name}-{scheme}-{scale:.0f}x"))
        points = sum(found.values())
        grounds = sum(found.get(ground, 0) for ground in {own.window, own.surface, own.raised, own.sidebar})
        assert grounds > points / 2, "its ground is not the theme's"
        if not widget.testAttribute(Qt.WidgetAttribute.WA_TranslucentBackground):
            assert UNPAINTED not in found, "something was not painted"
        assert sum(found.get(ground, 0) for ground in {other.window, other.surface}) < points / 100
    assert cut_off(widget) == []

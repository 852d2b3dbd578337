"""Opening a mail asks nobody for anything: a sink on loopback counts what comes."""

import http.server
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from qtmail.engine.picture_cache import PictureCache
from qtmail.model import Role
from qtmail.settings import RemoteImages, Settings
from qtmail.ui.reader import ReaderPane
from qtmail.ui.reader.load import Look, load
from qtmail.ui.reader.pictures import is_allowed
from tests.qt.fakes import FakeMail
from tests.qt.reader.conftest import MakePane, Open
from tests.qt.reader.samples import PLAIN, PNG, html_mail


class Sink:
    """Answers everything with a picture, and counts connections and requests."""

    def __init__(self) -> None:
        self.connections = 0
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def setup(self) -> None:
                sink.connections += 1
                super().setup()

            def do_GET(self) -> None:
                sink.paths.append(self.path)
                sink.headers.append(dict(self.headers.items()))
                if self.path == "/moved.png":
                    self.send_response(302)
                    self.send_header("Location", "/pixel.png")
                    self.end_headers()
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/html" if self.path.endswith(".html") else "image/png")
                self.send_header("Set-Cookie", "seen=1")
                self.end_headers()
                self.wfile.write(PNG)

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.close()


HOSTILE = """
<html><head>
<link rel="preconnect" href="{sink}/"><link rel="dns-prefetch" href="{sink}/"><link rel="prefetch" href="{sink}/p.png">
<link rel="stylesheet" href="{sink}/s.css"><link rel="icon" href="{sink}/i.png"><base href="{sink}/">
<meta http-equiv="refresh" content="0; url={sink}/refresh"><style>@import url("{sink}/import.css");
@font-face {{ font-family: f; src: url({sink}/font.woff) }} body {{ font-family: f; background: url({sink}/bg.png) }}
li {{ list-style-image: url('{sink}/li.png') }} p::before {{ content: url({sink}/content.png) }}
p {{ border-image: image-set("{sink}/set.png" 1x) }} @media screen {{ p {{ cursor: url({sink}/cur.png), auto }} }}
</style></head><body background="{sink}/body.png" onload="fetch('{sink}/js')">
<img src="{sink}/img.png" srcset="{sink}/srcset.png 2x"><img src="//127.0.0.1/x.png">
<input type="image" src="{sink}/in">
<table background="{sink}/table.png"><tr><td style="background-image:url({sink}/td.png)">cell</td></tr></table>
<video src="{sink}/video.mp4" poster="{sink}/poster.png" autoplay></video>
<audio src="{sink}/audio.mp3" autoplay></audio>
<iframe src="{sink}/frame.html"></iframe><iframe srcdoc="<img src={sink}/srcdoc.png>"></iframe>
<object data="{sink}/object"></object><embed src="{sink}/embed"><script src="{sink}/script.js"></script>
<svg><image href="{sink}/svg.png"/><use href="{sink}/use.svg#a"/></svg>
<picture><source srcset="{sink}/pic.png"><img></picture>
<form action="{sink}/form"><button>go</button></form><ul><li>one</li></ul><p>The last words.</p></body></html>
"""


@pytest.mark.parametrize("simple", [True, False], ids=["simple", "webengine"])
def test_a_hostile_mail_makes_no_request(
    make_pane: MakePane, mail: FakeMail, open_row: Open, sink: Sink, qtbot: QtBot, simple: bool
) -> None:
    pane = make_pane(low_memory=simple)
    open_row(pane, mail.add(html_mail(HOSTILE.format(sink=sink.url))))
    # A second mail is drawn after whatever the first one's document wanted to start.
    open_row(pane, mail.add(html_mail("<p>calm</p>")))
    qtbot.wait(300)
    assert sink.connections == 0
    assert pane.banner.text() == ""


def test_unsanitised_html_makes_no_request_either(make_pane: MakePane, sink: Sink, qtbot: QtBot) -> None:
    """The walls behind the sanitiser hold by themselves."""
    from qtmail.ui.reader.content import BodyKind, Content

    pane = make_pane(low_memory=False)
    for simple in (True, False):
        view = pane.bodies.text if simple else pane.bodies._view_for(Content(BodyKind.HTML, ""))
        with qtbot.waitSignal(view.shown, timeout=15_000):
            view.show_content(Content(BodyKind.HTML, HOSTILE.format(sink=sink.url)))
    qtbot.wait(500)
    assert sink.connections == 0


def _show_pictures(pane: ReaderPane, qtbot: QtBot) -> None:
    with qtbot.waitSignal(pane.displayed, timeout=15_000):
        pane.banner.button("pictures").click()


@pytest.mark.parametrize("simple", [True, False], ids=["simple", "webengine"])
def test_pictures_are_fetched_when_asked(
    make_pane: MakePane, mail: FakeMail, open_row: Open, sink: Sink, qtbot: QtBot, simple: bool
) -> None:
    pane = make_pane(low_memory=simple)
    pane.pictures.private_allowed = True
    names = ("a.png?x=1&amp;y=2", "moved.png", "b.html")
    html = "<p>Hi</p>" + "".join(f'<img src="{sink.url}/{name}">' for name in names)
    open_row(pane, mail.add(html_mail(html)))
    assert pane.banner.text().startswith("3 pictures from 127.0.0.1 not loaded.")
    _show_pictures(pane, qtbot)
    qtbot.wait(100)
    assert sorted(sink.paths) == ["/a.png?x=1&y=2", "/b.html", "/moved.png", "/pixel.png"]
    assert pane.banner.text() == ""
    assert pane._shown is not None
    assert pane._shown.content is not None
    # What is not a picture was not taken.
    assert len(pane._shown.content.pictures) == 2
    for headers in sink.headers:
        assert not {"Cookie", "Referer"} & set(headers)


def test_pictures_on_private_hosts_are_never_fetched(
    pane: ReaderPane, mail: FakeMail, open_row: Open, sink: Sink, qtbot: QtBot
) -> None:
    open_row(pane, mail.add(html_mail(f'<p>Hi</p><img src="{sink.url}/a.png">')))
    _show_pictures(pane, qtbot)
    assert sink.connections == 0
    assert pane.banner.text() == "None of the pictures could be fetched."


def test_never_means_no_offer(make_pane: MakePane, mail: FakeMail, open_row: Open, sink: Sink) -> None:
    pane = make_pane(remote_images=RemoteImages.NEVER)
    open_row(pane, mail.add(html_mail(f'<p>Hi</p><img src="{sink.url}/a.png">')))
    assert pane.banner.text() == ""


TRACKED = '<p>Hi</p><img src="{0}/a.png" width="300"><img src="{0}/b.png" width="1" height="1">'


def test_always_for_a_sender_from_a_cache_and_never_a_tracker(
    make_pane: MakePane, mail: FakeMail, open_row: Open, sink: Sink, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = make_pane()
    pane.pictures.private_allowed = True
    pane.pictures.keep_in(tmp_path / "pictures")
    row = mail.add(html_mail(TRACKED.format(sink.url)))
    open_row(pane, row)
    assert "1 picture from 127.0.0.1 not loaded, 1 more looks like a tracker" in pane.banner.text()
    pane.banner.button("pictures-always").click()
    menu = next(one for one in pane.findChildren(QMenu) if one.isVisible())
    assert [one.text() for one in menu.actions()] == ["From news@example.org", "From everybody at example.org"]
    with qtbot.waitSignals([pane.remember, pane.displayed], timeout=15_000):
        menu.actions()[1].trigger()
    menu.hide()
    assert sink.paths == ["/a.png"]
    # Next time it is shown at once, and comes from the cache.
    pane.apply_settings(replace(Settings(low_memory=True), pictures_from=("@example.org",)))
    open_row(pane, mail.add(PLAIN))
    pane.show_row(row)
    qtbot.waitUntil(lambda: _pictures(pane) == 1)
    assert sink.paths == ["/a.png"]
    assert pane.banner.text() == ""


def _pictures(pane: ReaderPane) -> int:
    return len(pane._shown.content.pictures) if pane._shown and pane._shown.content else -1


def test_trackers_alone_are_nothing_to_decide(pane: ReaderPane, mail: FakeMail, open_row: Open, sink: Sink) -> None:
    open_row(pane, mail.add(html_mail(f'<p>Hi</p><img src="{sink.url}/wf/open?a">')))
    assert pane.banner.text() == "1 tracker left out: nobody learns that you read this."
    with pytest.raises(KeyError):
        pane.banner.button("pictures")


def test_what_is_allowed_does_not_hold_for_junk(mail: FakeMail) -> None:
    settings = Settings(pictures_from=("news@example.org",))
    row = mail.add(html_mail("<p>x</p>"))
    shown = load(mail.mail, row, Look(""))
    assert is_allowed(shown, settings)
    assert not is_allowed(replace(shown, role=Role.JUNK), settings)
    assert not is_allowed(shown, Settings(pictures_from=("@example.com", "ews@example.org")))
    assert not is_allowed(shown, replace(settings, remote_images=RemoteImages.NEVER))


def test_the_cache_keeps_within_its_limit(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path / "p", most=1000)
    for number in range(30):
        cache.put(f"http://x/{number}", "image/png", b"\n" + b"x" * 99)
        os.utime(cache._path(f"http://x/{number}"), (number, number))
    assert sum(path.stat().st_size for path in (tmp_path / "p").iterdir()) <= 1000
    assert cache.get("http://x/29") == ("image/png", b"\n" + b"x" * 99)
    assert cache.get("http://x/0") is None
    cache.clear()
    assert cache.get("http://x/29") is None

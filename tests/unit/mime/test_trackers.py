"""What counts readers is told from what is to be looked at."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from qtmail.mime.html import sanitise
from qtmail.mime.trackers import counting_address, trackers


@pytest.mark.parametrize(
    "image",
    [
        '<img src="{}" width="1" height="1">',
        '<img src=" {} " width=1px height=0>',
        '<img src="{}" style="width:1px; height:1px !important">',
        '<img src="{}" style="display: none">',
        '<img src="{}" style="max-height:0">',
        '<img src="{}" width="600" height="0">',
        '<img src="{}" style="opacity:0;width:40px">',
    ],
)
def test_what_nobody_can_see(image: str) -> None:
    url = "https://pictures.example.test/a/b.jpg"
    assert trackers(LexborHTMLParser(image.format(url))) == {url}


@pytest.mark.parametrize(
    "image",
    [
        '<img src="{}" width="600" height="400">',
        '<img src="{}">',
        '<img src="{}" width="1">',
        '<img src="{}" width="100%" height="1">',
        '<img src="{}" style="opacity:0.9;width:2px;height:40px">',
    ],
)
def test_what_is_to_be_seen(image: str) -> None:
    assert trackers(LexborHTMLParser(image.format("https://pictures.example.test/a/b.jpg"))) == frozenset()


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.us2.list-manage.com/track/open.php?u=1&id=2",
        "https://u1.ct.sendgrid.net/wf/open?upn=x",
        "http://click.example.test/open.aspx?id=1",
        "https://example.test/e/o/abc/pixel.gif",
        "https://x.awstrack.me/I0/0102/abc",
        "https://t.example.test/email-open/123",
    ],
)
def test_addresses_made_for_counting(url: str) -> None:
    assert counting_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.test/open-house.jpg",
        "https://img.example.test/products/tracksuit.png",
        "https://example.test/pixels/photo.png",
        "https://beacon.example.test/logo.png",
        "https://example.test/",
    ],
)
def test_addresses_of_pictures(url: str) -> None:
    assert not counting_address(url)


def test_a_tracker_is_counted_and_never_kept() -> None:
    html = (
        '<img src="https://a.test/big.jpg" width="600"><img src="https://b.test/x" width="1" height="1">'
        '<p style="background:url(https://c.test/wf/open?x)">x</p>'
    )
    for allowed in (False, True):
        safe = sanitise(html, remote_allowed=allowed)
        assert (safe.remote_count, safe.tracker_count) == (3, 2)
        assert safe.html.count("mail-remote:") == allowed

"""Nothing that comes from outside gets out again; what was laid out stays laid out."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from qtmail.mime import css
from qtmail.mime.html import (
    CID_PREFIX,
    MAX_TAGS,
    POLICY,
    REMOTE_PREFIX,
    content_id,
    document,
    html_to_text,
    remote_source,
    sanitise,
    text_to_html,
)
from qtmail.mime.parse import parse
from qtmail.mime.summary import quick_text
from tests.unit.mime.samples import SOON, names, raw

_SAFE_TARGETS = ("http://", "https://", "mailto:", "tel:", "ftp:", "#")
_NEVER = {
    *("script", "iframe", "object", "embed", "form", "input", "button", "link", "meta", "base", "svg", "math", "video"),
    *("audio", "source", "picture", "applet", "frame", "frameset", "template", "noscript", "textarea", "select"),
}


def harmless(html: str) -> None:
    """Parsed as a browser would: no active element, no handler, no address but links and our own schemes."""
    for node in LexborHTMLParser(html).css("body *, style"):
        assert node.tag not in _NEVER, node.html
        for name, value in node.attributes.items():
            lower = (value or "").strip().lower()
            assert not name.startswith("on"), node.html
            if name == "href":
                assert lower.startswith(_SAFE_TARGETS), node.html
            elif name in {"src", "background"}:
                assert lower.startswith((CID_PREFIX, REMOTE_PREFIX, "data:image/")), node.html
                assert "svg" not in lower[:20]
            else:
                assert name not in {"srcset", "poster", "action", "formaction", "ping", "data", "xlink:href", "srcdoc"}
            if name == "style":
                harmless_css(value or "")
        if node.tag == "style":
            harmless_css(node.text())


def harmless_css(text: str) -> None:
    for url in re.findall(r"url\((.*?)\)", text):
        assert url.strip("'\"").startswith(REMOTE_PREFIX)
    assert not re.search(
        r"@import|@font-face|expression|behavior|\\|image-set|position|<|javascript", text, re.IGNORECASE
    ), text


@pytest.mark.parametrize("allowed", [False, True])
@pytest.mark.parametrize("name", names())
def test_every_stored_message_is_harmless(name: str, *, allowed: bool) -> None:
    safe = sanitise(parse(raw(name)).html, remote_allowed=allowed)
    harmless(safe.html)
    if not allowed:
        assert "mail-remote" not in safe.html


def test_the_hostile_page_leaves_only_links_behind() -> None:
    safe = sanitise(parse(raw("hostile-html")).html)
    assert "evil.example.test" not in safe.html
    assert 'href="https://fine.example.test/"' in safe.html
    assert "cell" in safe.html
    assert safe.remote_hosts == ("evil.example.test",)


def test_a_newsletter_keeps_its_layout_and_tells_what_it_wanted() -> None:
    html = parse(raw("html-newsletter")).html
    safe = sanitise(html)
    assert '<table width="600">' in safe.html
    assert "padding:8px" in safe.html
    assert "background-color:#f4f4f4" in safe.html
    assert ".btn{background:#0a0;color:#fff}" in safe.html
    assert safe.remote_count == 3
    assert safe.remote_hosts == ("img.shop.example.test",)
    assert safe.tracker_count == 1
    shown = sanitise(html, remote_allowed=True)
    sources = {remote_source(url) for url in re.findall(r"mail-remote:[^\"&)]+", shown.html)}
    assert sources == {
        "https://img.shop.example.test/bg.png",
        "https://img.shop.example.test/zz.jpg",
    }


def test_inline_pictures_that_are_there_and_others() -> None:
    html = '<img src="cid:logo%40example.test"><img src="CID:a b"><img src="cid:gone">'
    safe = sanitise(html, cids=frozenset({"logo@example.test", "a b"}))
    urls = re.findall(r'src="([^"]+)"', safe.html)
    assert [content_id(url) for url in urls] == ["logo@example.test", "a b"]
    assert (
        'src="cid:logo@example.test"' in sanitise(html, cids=frozenset({"logo@example.test"}), cid_prefix="cid:").html
    )


@pytest.mark.parametrize(
    "url", ["", "x", "mail-remote:/", "mail-remote:/%%%", "mail-remote:/ZmlsZTovLy9ldGM", "https://x", "mail-remote:/é"]
)
def test_only_our_own_tokens_name_a_picture(url: str) -> None:
    assert remote_source(url) == ""


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("color:red;position:fixed;z-index:9", "color:red"),
        ("background:url(http://x.test/a) #fff", "background:#fff"),
        ("background:u\\72l(http://x)", ""),
        ("width:expression(alert(1))", ""),
        ("width:calc(100% - 8px)", "width:calc(100% - 8px)"),
        ("color:var(--x)", ""),
        ("background-image:image-set('http://x' 1x)", ""),
        ("background:url(//x.test/a)", ""),
        ("background:url('data:image/png;base64,xx')", ""),
        ("font-family:'Helvetica Neue',sans-serif !important", "font-family:'Helvetica Neue',sans-serif !important"),
        ("color:/* url( */red", "color:red"),
        ("color:red}body{background:red", ""),
        ("list-style:url(http://x)", ""),
    ],
)
def test_declarations(style: str, kept: str) -> None:
    assert css.declarations(style, lambda url: "") == kept


def test_style_sheets() -> None:
    sheet = css.sheet(
        "@import 'x'; p{color:red} @media (max-width:600px){.a{width:100%}.b{position:fixed}} @font-face{src:url(x)}"
        " <!-- td>b{margin:0} --> @keyframes k{from{color:red}} i{background:url(https://x.test/a)} </style><script>",
        lambda url: "",
    )
    assert sheet == "p{color:red}@media (max-width:600px){.a{width:100%}}td>b{margin:0}"


_SHARDS = st.sampled_from(
    [
        *(
            "<",
            ">",
            '"',
            "'",
            "</",
            "/>",
            "=",
            " ",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<style>",
            "</style>",
            "<svg>",
            "<math>",
        ),
        *(
            "<mtext>",
            "<p ",
            "<img src=",
            "<a href=",
            "javascript:x",
            "http://evil.test/",
            "//evil.test",
            "onerror=x",
            "style=",
        ),
        *(
            "background:url(",
            "http://evil.test/x)",
            "@import ",
            "{",
            "}",
            ";",
            "\\75rl(",
            "<table>",
            "<td background=",
            "cid:x",
        ),
        *(
            "<noscript>",
            "<title>",
            "<textarea>",
            "<template>",
            "<script>",
            "</script>",
            "<iframe srcdoc=",
            "data:text/html,",
            "&#106;",
        ),
        *(
            "<form>",
            "<select>",
            "<base href=",
            "<meta http-equiv=refresh content=",
            "\0",
            "\ud800",
            "<body ",
            "x",
            "é",
            "\x0c",
        ),
    ]
)


@SOON
@given(st.lists(_SHARDS, max_size=40).map("".join), st.booleans())
def test_any_pile_of_shards_is_harmless(html: str, allowed: bool) -> None:
    harmless(sanitise(html, remote_allowed=allowed).html)
    html_to_text(html)
    quick_text(html)


@pytest.mark.parametrize(
    "html",
    [
        *("<div>" * 50_000, "<div><!--</div>-->" * 12_000, "<b>" * 11_000, "<table><tr><td>" * 20_000),
        *("<!--" * 200_000, "<style>" * 200_000, "<" * 500_000, "<p>" * 100_000, '<b title="' * 50_000),
        "<a href=x>" * 11_000,
    ],
    ids=lambda html: html[:12],
)
def test_deep_and_large_pages_take_bounded_time(html: str) -> None:
    """A generous bound: what is quadratic takes far longer."""
    began = time.process_time()
    safe = sanitise(html + "the heart")
    html_to_text(html)
    quick_text(html)
    assert time.process_time() - began < 15
    harmless(safe.html)


def test_a_page_too_deep_is_shown_as_text() -> None:
    safe = sanitise("<div>" * 1_000 + "the heart" + "</div>" * 1_000)
    assert safe.simplified
    assert "the heart" in safe.html
    assert not sanitise("<table><tr><td>" * 50 + "x").simplified


def test_text_becomes_html_with_links_quotes_and_signature() -> None:
    html = text_to_html("See foo.py, https://x.test/a?b=1&c=2. or bo@example.org <b>\n> one\n>> two\nback\n-- \nBo")
    assert html == (
        '<div class="text" style="white-space:pre-wrap">See foo.py, '
        '<a href="https://x.test/a?b=1&amp;c=2">https://x.test/a?b=1&amp;c=2</a>. or '
        '<a href="mailto:bo@example.org">bo@example.org</a> &lt;b&gt;\n'
        '<blockquote class="quote level-1">one\n<blockquote class="quote level-2">two\n</blockquote></blockquote>'
        'back\n<div class="signature">-- \nBo\n</div></div>'
    )


@SOON
@given(st.text(st.sampled_from("a.:/@wh tp<>&\"'-\n>ftp"), max_size=120))
def test_text_stays_what_it_was(text: str) -> None:
    html = text_to_html(text)
    harmless(html)
    body = LexborHTMLParser(html).body
    assert body is not None
    shown = "".join(body.text().split())
    assert shown.replace(">", "") == "".join(text.split()).replace(">", "")


def test_html_becomes_text_with_its_layout() -> None:
    assert html_to_text("<p>One</p><ul><li>a<li>b</ul><table><tr><td>x<td>y</table><script>z()</script>").split() == [
        *("One", "*", "a", "*", "b", "x", "y")
    ]


def test_a_page_too_large_to_lay_out_keeps_its_lines() -> None:
    rows = "".join(f"<tr><td>row {number}</td></tr>" for number in range(8_000))
    lines = html_to_text(f"<style>x</style><!-- y --><table>{rows}</table>").split("\n")
    assert [line.strip() for line in lines if line.strip()][-1] == "row 7999"
    assert len([line for line in lines if "row" in line]) == 8_000


def test_documents_carry_the_policy() -> None:
    made = document(sanitise("<p>x</p>"), dark=True, css="p{color:red}", title="<b>")
    assert f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">' in made
    assert 'class="html-mail dark"' in made
    assert "p{color:red}" in made
    assert "<title>&lt;b&gt;</title>" in made
    assert 'class="text-mail"' in document("a < b")
    assert "a &lt; b" in document("a < b")
    assert "default-src 'none'" in POLICY


def test_more_than_can_be_laid_out_at_once_is_cut() -> None:
    safe = sanitise("<p>word</p>" * 30_000)
    assert safe.simplified
    assert safe.html.count("<p>") == MAX_TAGS // 2
    assert not sanitise("<p>word</p>" * 10_000).simplified

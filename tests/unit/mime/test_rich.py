"""Formatted text: read from any HTML, written tidily, the same again when it is read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.mime.html import text_to_html
from qtmail.mime.rich import Line, Run, html_of, is_plain, lines_of_html, lines_of_text, text_of


def words(html: str) -> list[tuple[int, str, str]]:
    return [(line.quote, line.kind, line.text) for line in lines_of_html(html)]


def test_quotes_keep_their_level() -> None:
    html = "me<blockquote>one<blockquote>two<br>two b</blockquote>one again</blockquote>me again"
    assert words(html) == [
        (0, "p", "me"), (1, "p", "one"), (2, "p", "two"), (2, "p", "two b"), (1, "p", "one again"),
        (0, "p", "me again"),
    ]  # fmt: skip


def test_quoted_plain_text_keeps_its_lines() -> None:
    quoted = text_to_html("Hello\n\n> q1\n>> q2\n> q1b\n\nend")
    html = f"<blockquote>{quoted}</blockquote>"
    assert words(html) == [
        (1, "p", "Hello"), (1, "p", ""), (2, "p", "q1"), (3, "p", "q2"), (2, "p", "q1b"), (1, "p", ""), (1, "p", "end"),
    ]  # fmt: skip


def test_paragraphs_are_kept_apart() -> None:
    assert words("<p>one</p>\n <p>two</p><div>three</div><div>four</div>") == [
        (0, "p", "one"), (0, "p", ""), (0, "p", "two"), (0, "p", ""), (0, "p", "three"), (0, "p", "four"),
    ]  # fmt: skip


def test_lists_headings_rules_and_tables() -> None:
    html = "<h2>t</h2><ul><li>a<li>b<ol><li>c</ol></ul><hr><table><tr><td>x<td>y<tr><th>z</table>"
    lines = [line for line in lines_of_html(html) if not line.empty]
    assert [(line.kind, line.depth, line.text) for line in lines] == [
        ("h2", 0, "t"), ("ul", 1, "a"), ("ul", 1, "b"), ("ol", 2, "c"), ("hr", 0, ""), ("p", 0, "x\ty"), ("p", 0, "z"),
    ]  # fmt: skip


def test_looks_links_and_pictures() -> None:
    (line,) = lines_of_html(
        'a <b>b</b><span style="font-style: italic">i</span> <a href="https://x.example/">go</a>'
        '<a href="javascript:x">no</a><img src="cid:p@q" width="40"><img src="http://x/y" alt="gone">'
    )
    assert line.runs == (
        Run("a "), Run("b", bold=True), Run("i", italic=True), Run(" "), Run("go", href="https://x.example/"),
        Run("no"), Run("", picture="p@q", width=40), Run("gone"),
    )  # fmt: skip


def test_what_is_written_is_tidy() -> None:
    lines = (
        Line((Run("Hi "), Run("you", bold=True, italic=True))),
        Line(),
        Line((Run("see https://x.example  now"),)),
        Line((Run("a"),), "ul", 1),
        Line((Run("b"),), "ul", 2),
        Line((Run("<q>"),), quote=1),
        Line((Run("-- "),), signature=True),
        Line((Run("Al"),), signature=True),
    )
    assert html_of(lines) == (
        "<div>Hi <b><i>you</i></b></div><div><br></div>"
        '<div>see <a href="https://x.example">https://x.example</a> &nbsp;now</div>'
        "<ul><li>a</li><ul><li>b</li></ul></ul>"
        '<blockquote type="cite" style="margin:0 0 0 4px;padding-left:12px;border-left:2px solid #dfe3e8">'
        '<div>&lt;q&gt;</div></blockquote><div class="signature"><div>-- </div><div>Al</div></div>'
    )
    assert text_of(lines) == "Hi you\n\nsee https://x.example  now\n- a\n  - b\n> <q>\n-- \nAl"


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=8)
_RUN = st.builds(Run, _TEXT, bold=st.booleans(), italic=st.booleans(), strike=st.booleans(), code=st.booleans())


def _apart(runs: list[Run]) -> tuple[Run, ...]:
    """Neighbours of one look would be read as one run."""
    kept: list[Run] = []
    for run in runs:
        if not kept or (run.bold, run.italic, run.strike, run.code) != (
            kept[-1].bold, kept[-1].italic, kept[-1].strike, kept[-1].code,
        ):  # fmt: skip
            kept.append(run)
    return tuple(kept)


_LINE = st.builds(
    lambda runs, kind, depth, quote: Line(_apart(runs), kind, depth if kind in ("ul", "ol") else 0, quote),
    st.lists(_RUN, min_size=1, max_size=3),
    st.sampled_from(["p", "ul", "ol"]),
    st.just(1),
    st.integers(0, 3),
)


@given(st.lists(_LINE, max_size=6))
def test_read_back_it_is_the_same(lines: list[Line]) -> None:
    once = lines_of_html(html_of(lines))
    assert [line.text for line in once] == [line.text for line in lines]
    assert [line.quote for line in once] == [line.quote for line in lines]
    assert [(line.kind, line.depth) for line in once] == [(line.kind, line.depth) for line in lines]


def test_plain_or_not() -> None:
    assert is_plain(lines_of_text("a\n> b\nhttps://x.example\n-- \nme"))
    assert is_plain(lines_of_html('<div><a href="https://x.example/">https://x.example</a></div>'))
    assert not is_plain(lines_of_html("<b>a</b>"))
    assert not is_plain(lines_of_html("<ul><li>a</ul>"))
    assert not is_plain(lines_of_html('<a href="https://x.example/">other</a>'))


def test_signature_of_plain_text_ends_at_an_empty_line() -> None:
    lines = lines_of_text("hi\n\n-- \nAl\nLtd\n\nOn Monday, Bo wrote:\n> x")
    assert [line.text for line in lines if line.signature] == ["-- ", "Al", "Ltd"]


@pytest.mark.parametrize("html", ["", "<", "<div" * 50_000, "<div>" * 50_000, "<blockquote>" * 300 + "x", "\0<b>"])
def test_hostile_html_is_survived(html: str) -> None:
    lines_of_html(html)

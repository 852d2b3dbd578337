"""Mails as Markdown."""

from qtmail.mime.html import sanitise
from qtmail.mime.markdown import markdown_of_html, markdown_of_text


def test_html() -> None:
    html = (
        "<h2>What to sow</h2><p>Broad <b>beans </b>and <i>garlic</i>, see <a href='https://x.example/a_b'>the guide</a>"
        "</p><ul><li>one</li><li>two <code>a_b</code></li></ul><ol><li>first</li><li>second</li></ol><hr>"
        "<blockquote><p>2 * 3 = 6</p></blockquote><p># no heading</p>"
    )
    assert markdown_of_html(sanitise(html).html) == (
        "## What to sow\n\nBroad **beans** and *garlic*, see [the guide](https://x.example/a_b)  \n\n"
        "- one\n- two `a_b`\n1. first\n2. second\n\n---\n\n> 2 \\* 3 = 6  \n\n\\# no heading  \n"
    )


def test_text() -> None:
    assert markdown_of_text("Hi *you*\n> quoted\n>> deeper\n\n- not a list\n") == (
        "Hi \\*you\\*  \n> quoted  \n> > deeper  \n\n\\- not a list  "
    )

"""Answering and forwarding."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.mime.parse import parse
from qtmail.mime.quote import (
    attachment_name,
    base_subject,
    fits_inline,
    forward_as_attachment,
    forward_inline,
    forward_subject,
    reply,
    reply_subject,
    split_signature,
)
from qtmail.model import Address, Message
from tests.unit.mime.samples import SOON, raw

OWN = ("alice@example.test",)


def addresses(found: tuple[Address, ...]) -> list[str]:
    return [one.address for one in found]


def message(name: str = "plain-ascii") -> Message:
    return parse(raw(name))


def test_a_reply_quotes_and_signs() -> None:
    made = reply(message(), to_all=False, own=OWN, html=False, signature="Alice")
    assert addresses(made.to) == ["bo@example.test"]
    assert made.subject == "Re: Lunch on Thursday?"
    assert made.in_reply_to == "<plain-1@example.test>"
    assert made.references == ("<plain-1@example.test>",)
    assert made.text == (
        "\n\n-- \nAlice\n\nOn 23 Nov 2026 at 10:14, Bo Lindqvist <bo@example.test> wrote:\n"
        "> Hi Alice,\n>\n> shall we meet at noon, at the usual place?\n>\n"
        "> On 22 Nov 2026 at 18:02, Alice Example wrote:\n>> I am back on Thursday.\n>>> Old words.\n"
    )
    assert made.html == ""


def test_an_answer_to_a_giant_quotes_its_beginning() -> None:
    words = "So it goes on and on.\n" * 100_000
    giant = replace(message(), text=words, html=f"<p>{words}</p>" * 2)
    made = reply(giant, to_all=False, own=OWN, html=True)
    assert made.text.endswith("> So it goes on and on.\n> […]\n")
    assert len(made.text) < 200_000
    assert len(made.html) < 200_000
    assert "[…]" in made.html
    endless = reply(replace(message(), text="x" * 1_000_000), to_all=False, own=OWN, html=False)
    assert len(endless.text) < 200_000


def test_a_giant_does_not_fit_into_a_new_mail() -> None:
    assert fits_inline(message())
    assert not fits_inline(replace(message(), text="x" * 1_000_000))
    assert not fits_inline(replace(message(), html="x" * 1_000_000))
    assert not fits_inline(replace(message(), parts=message("attachment-names").parts * 100))


def test_an_answer_below_puts_the_quote_first() -> None:
    made = reply(message(), to_all=False, own=OWN, html=True, below=True, signature="Alice")
    assert made.caret_at_end
    assert made.text.startswith("On 23 Nov 2026")
    assert made.html.index("<blockquote") < made.html.index("signature")


def test_reply_all_leaves_the_user_out_and_names_nobody_twice() -> None:
    one = replace(
        message(),
        to=(Address("", "ALICE@example.test"), Address("Bo", "bo@example.test"), Address("", "c@example.test")),
        cc=(Address("", "C@example.test"), Address("", "d@example.test")),
    )
    made = reply(one, to_all=True, own=OWN, html=False)
    assert addresses(made.to) == ["bo@example.test"]
    assert addresses(made.cc) == ["c@example.test", "d@example.test"]


def test_reply_to_wins_and_a_list_can_be_written_to() -> None:
    post = message("mailing-list")
    assert addresses(reply(post, to_all=False, own=OWN, html=False).to) == ["gardeners@lists.example.test"]
    to_list = reply(replace(post, reply_to=()), to_all=False, own=OWN, html=False, to_list=True)
    assert addresses(to_list.to) == ["gardeners@lists.example.test"]
    to_all = reply(replace(post, reply_to=()), to_all=True, own=OWN, html=False)
    assert addresses(to_all.to) == ["carla@example.test"]
    assert addresses(to_all.cc) == ["gardeners@lists.example.test", "dan@example.test"]


def test_an_answer_to_ones_own_mail_goes_to_its_recipients() -> None:
    mine = replace(message(), from_=(Address("Alice", "alice@example.test"),), to=(Address("", "c@example.test"),))
    assert addresses(reply(mine, to_all=False, own=OWN, html=False).to) == ["c@example.test"]
    note = replace(mine, to=mine.from_)
    assert addresses(reply(note, to_all=True, own=OWN, html=False).to) == ["alice@example.test"]


def test_quoted_html_has_nothing_remote_and_keeps_the_inline_pictures() -> None:
    made = reply(message("html-newsletter"), to_all=False, own=OWN, html=True)
    assert "https://img" not in made.html
    assert "mail-remote" not in made.html
    logo = reply(message("inline-picture"), to_all=False, own=OWN, html=True)
    assert 'src="cid:logo@example.test"' in logo.html
    assert [part.name for part in logo.inline] == ["logo.png"]
    hostile = reply(message("hostile-html"), to_all=False, own=OWN, html=True)
    assert "evil.example.test/" not in hostile.html


def test_text_quoted_as_html_keeps_its_lines() -> None:
    html = reply(message(), to_all=False, own=OWN, html=True).html
    assert "white-space:pre-wrap" in html
    assert "Hi Alice,\n\nshall" in html


def test_references_of_a_long_thread_keep_its_ends() -> None:
    one = replace(message(), references=tuple(f"<{number}@x>" for number in range(100)))
    references = reply(one, to_all=False, own=OWN, html=False).references
    assert len(references) == 60
    assert references[0] == "<0@x>"
    assert references[-2:] == ("<99@x>", "<plain-1@example.test>")


def test_forwarding_inline_tells_the_headers_and_takes_the_files_along() -> None:
    made = forward_inline(message("attachment-names"), html=True)
    assert made.subject == "Fwd: Four files"
    assert "From: Bo Lindqvist <bo@example.test>\nDate: 23 Nov 2026, 10:14 +0100\nSubject: Four files\n" in made.text
    assert "<b>Subject:</b> Four files" in made.html
    assert len(made.attachments) == 4
    assert made.to == ()
    logo = forward_inline(message("inline-picture"), html=True)
    assert [part.name for part in logo.inline] == ["logo.png"]
    assert [part.name for part in logo.attachments] == ["unused.png"]
    assert [part.name for part in forward_inline(message("inline-picture"), html=False).attachments] == [
        "logo.png",
        "unused.png",
    ]


def test_forwarding_as_attachment() -> None:
    made = forward_as_attachment(message(), signature="Alice")
    assert made.subject == "Fwd: Lunch on Thursday?"
    assert made.text == "\n\n-- \nAlice\n"
    assert attachment_name(message()) == "Lunch on Thursday.eml"
    assert attachment_name(replace(message(), subject="../../etc/pass\x00wd: *?")) == "etc pass wd.eml"
    assert attachment_name(replace(message(), subject="Re: ")) == "message.eml"


@pytest.mark.parametrize(
    ("subject", "replied", "forwarded", "base"),
    [
        ("x", "Re: x", "Fwd: x", "x"),
        ("Re: x", "Re: x", "Fwd: Re: x", "x"),
        ("RE[2]: AW: x", "Re: x", "Fwd: RE[2]: AW: x", "x"),
        ("Antw: SV: Re: x", "Re: x", "Fwd: Antw: SV: Re: x", "x"),
        ("回复：你好", "Re: 你好", "Fwd: 回复：你好", "你好"),
        ("WG: Fwd: x", "Re: WG: Fwd: x", "Fwd: x", "x"),
        ("Rest: x", "Re: Rest: x", "Fwd: Rest: x", "Rest: x"),
        ("Ref: 17", "Re: Ref: 17", "Fwd: Ref: 17", "Ref: 17"),
        ("", "Re:", "Fwd:", ""),
    ],
)
def test_subject_prefixes(subject: str, replied: str, forwarded: str, base: str) -> None:
    assert reply_subject(subject) == replied
    assert forward_subject(subject) == forwarded
    assert base_subject(subject) == base


@SOON
@given(st.text(st.sampled_from("ab>\n\r :-"), max_size=200))
def test_body_and_signature_joined_are_the_text(text: str) -> None:
    assert "".join(split_signature(text)) == text


def test_the_signature_is_the_last_one_and_short() -> None:
    assert split_signature("a\n-- \nb\n-- \nc") == ("a\n-- \nb\n", "-- \nc")
    assert split_signature("a\n-- \n" + "line\n" * 50)[1] == ""

"""Saved searches are acts with undo, live counts, and hits in attachments say so."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from qtmail.engine.mail import Mail
from qtmail.errors import BadInput
from qtmail.events import SearchesChanged
from qtmail.model import LOCAL, Flag, RowId
from qtmail.operations import SavedSearch
from qtmail.paths import Profile


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[Mail]:
    made = Mail(Profile(tmp_path / "p").create())
    folder = made.create_folder(LOCAL, "Box")
    assert folder.gesture is not None
    into = made.folder_named("Local/Box").id
    (tmp_path / "in").mkdir()
    for number, (subject, name, text) in enumerate(
        [("Zebra crossing", "a.txt", "okapi"), ("Tea", "b.txt", "zebra"), ("Okapi and zebra", "", "")]
    ):
        one = EmailMessage()
        one["From"], one["Subject"], one["Message-ID"] = "Ann <ann@example.test>", subject, f"<{number}@x.test>"
        one["Date"] = f"Mon, 0{number + 1} Jan 2024 10:00:00 +0000"
        one.set_content("words of the body")
        if name:
            one.add_attachment(text.encode(), "application", "octet-stream", filename=name)
        (tmp_path / "in" / f"{number}.eml").write_bytes(one.as_bytes())
    made.import_messages(tmp_path / "in", into)
    assert made.read_attachments() == 0
    yield made
    made.close()


def subjects(mail: Mail, query: str, *, best: bool = False) -> list[str]:
    rows = mail.rows([RowId(row) for row in mail.search(query, best=best)])
    return [row.subject for row in rows.values()]


def test_hits_in_attachments(mail: Mail) -> None:
    ids = [RowId(row) for row in mail.search("zebra")]
    assert subjects(mail, "zebra") == ["Okapi and zebra", "Tea", "Zebra crossing"]
    assert list(mail.found_in_attachments("zebra", ids).values()) == ["b.txt"]
    assert list(mail.found_in_attachments("zebra okapi", ids).values()) == ["a.txt"]
    assert mail.found_in_attachments("is:unread", ids) == {}
    assert mail.search_count("zebra") == (3, 3)


def test_the_best_first(mail: Mail) -> None:
    assert subjects(mail, "zebra", best=True)[-1] == "Tea"
    assert subjects(mail, "is:unread", best=True) == subjects(mail, "is:unread")


def test_saved_searches(mail: Mail) -> None:
    done = mail.save_search("  The  zoo ", "zebra OR okapi")
    assert done.label == "Save search The zoo"
    assert SearchesChanged() in done.events
    (zoo,) = mail.saved_searches()
    assert zoo == SavedSearch(1, "The zoo", "zebra OR okapi")
    assert mail.saved_search("the ZOO") == zoo
    for name, query in (("the zoo", "tea"), ("", "tea"), ("Tea", ""), ("Tea", "before:nonsense"), ("x" * 200, "tea")):
        with pytest.raises(BadInput):
            mail.save_search(name, query)
    mail.change_search(zoo, name="Animals", query="zebra")
    assert mail.saved_searches() == (SavedSearch(1, "Animals", "zebra"),)
    mail.undo()
    assert mail.saved_searches() == (zoo,)
    assert mail.change_search(zoo, name="The zoo").gesture is None
    mail.delete_search(zoo)
    assert mail.saved_searches() == ()
    mail.undo()
    assert mail.saved_searches() == (zoo,)
    with pytest.raises(BadInput, match="No search is saved"):
        mail.saved_search("tea")


def test_counts_are_live(mail: Mail) -> None:
    row = RowId(mail.search("zebra")[0])
    mail.set_flag([row], Flag.SEEN, True)
    assert mail.search_count("zebra") == (3, 2)
    assert mail.search_count("zebra is:unread") == (2, 2)
    assert mail.search_count("zebra", [mail.folder_named("Local/Outbox").id]) == (0, 0)

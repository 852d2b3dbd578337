"""Finding: words, phrases, prefixes, operators, scripts without spaces; newest first; wrong queries say why."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtmail.errors import BadInput
from qtmail.model import Address, RowId
from qtmail.operations import Copy, Expunge, SetFlag
from qtmail.store import add, query, search
from qtmail.store.values import BodyFacts, HeaderFacts, NewMessage
from tests.unit.store.world import NOW, World, header

MAIL = {
    "plan": (
        "The building plan",
        "Zoë Müller",
        "Bob",
        "Please see the attached plan. Café at noon?",
        "Grundriß.pdf",
        1,
    ),
    "tea": ("Tea", "Ann", "Carol", "building blocks; see https://example.test/tea", "", 0),
    "jp": ("東京の会議について", "田中太郎", "Ann", "明日の会議は中止です。", "", 0),
    "kr": ("안녕하세요", "김민수", "Ann", "회의는 내일입니다", "", 0),
    "th": ("สวัสดีครับ", "Somchai", "Ann", "ประชุมพรุ่งนี้", "", 0),
    "ru": ("Счёт за октябрь", "Иван", "Ann", "оплатить до пятницы", "", 0),
}


@pytest.fixture
def rows(world: World) -> dict[str, RowId]:
    messages = []
    for number, (name, (subject, sender, to, text, files, attachments)) in enumerate(MAIL.items()):
        content = world.store.content.put(name.encode(), now=NOW)
        facts = HeaderFacts(
            date=NOW + number,
            message_id=f"<{name}>",
            subject=subject,
            sender=Address(sender, f"{name}@example.test"),
            recipients=(Address(to, f"{to.lower()}@example.net"),),
        )
        messages.append(NewMessage(content, 10, NOW, facts, BodyFacts("", attachments, files, text)))
    with world.store.transaction("mail") as tx:
        made = add.add_messages(tx, world.inbox, messages, now=NOW)
    return dict(zip(MAIL, made, strict=True))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("building", ["tea", "plan"]),
        ("BUILD", ["tea", "plan"]),
        ("build plan", []),
        ("building pla", ["plan"]),
        ("buil plan", []),
        ("buil* plan", ["plan"]),
        ('"building plan"', ["plan"]),
        ('"plan building"', []),
        ("building -plan", ["tea"]),
        ("-building", ["ru", "th", "kr", "jp"]),
        ("subject:building", ["plan"]),
        ("body:building", ["tea"]),
        ("from:muller", ["plan"]),
        ("from:Müller", ["plan"]),
        ("from:plan@example.test", ["plan"]),
        ("to:carol", ["tea"]),
        ("cc:carol@example.net", ["tea"]),
        ('subject:"the building"', ["plan"]),
        ("zoe cafe", ["plan"]),
        ("file:grundriss", ["plan"]),
        ("has:attachment", ["plan"]),
        ("-has:attachment building", ["tea"]),
        ("https://example.test/tea", ["tea"]),
        ("会議", ["jp"]),
        ("東京", ["jp"]),
        ("議会", []),
        ("中止 会議", ["jp"]),
        ("太郎", ["jp"]),
        ("회의", ["kr"]),
        ("ประชุม", ["th"]),
        ("счет", ["ru"]),
        ("пятн", ["ru"]),
        ("октябрь", ["ru"]),
        ("is:unread from:ann", ["tea"]),
        ("is:starred", []),
        ("(building) AND ^NEAR", []),
        ("b", []),
    ],
)
def test_what_is_found(world: World, rows: dict[str, RowId], typed: str, found: list[str]) -> None:
    names: dict[int, str] = {row: name for name, row in rows.items()}
    assert [names[row] for row in search.search(world.store.read(), typed)] == found


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "nothing to look for"),
        ("  ", "nothing to look for"),
        ("--- ...", "nothing to look for"),
        ("size:large", "does not know “size:”"),
        ("from:", "missing after “from:”"),
        ("is:purple", "does not know “is:purple”"),
    ],
)
def test_a_wrong_query_says_why(world: World, typed: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        search.search(world.store.read(), typed)


def test_any_typing_is_a_query_or_bad_input(world: World, rows: dict[str, RowId]) -> None:
    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.text(alphabet=st.sampled_from("abз会'\"*:-()^{}[]+ \\\0.,;AND OR NOT NEAR/"), max_size=20))
    def typing(typed: str) -> None:
        with suppress(BadInput):
            search.search(world.store.read(), typed)

    typing()
    assert rows


def test_only_the_folders_asked_and_each_message_once(world: World, rows: dict[str, RowId]) -> None:
    reader = world.store.read()
    assert list(search.search(reader, "building", [world.work])) == []
    (copy,) = world.do(Copy((rows["plan"],), world.work, ())).copies
    assert list(search.search(reader, "building", [world.work])) == [copy]
    assert len(search.search(reader, "building", [world.work, world.inbox])) == 2
    assert len(search.search(reader, "building")) == 2
    assert len(search.search(reader, "building", limit=1)) == 1
    world.do(SetFlag((rows["tea"],), "\\Flagged", True), Expunge((rows["plan"], copy)))
    assert list(search.search(reader, "building")) == [rows["tea"]]
    assert list(search.search(reader, "is:starred")) == [rows["tea"]]


def test_many_matches_are_the_newest_in_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = world.fill(world.inbox, 60)
    world.do(Copy(rows, world.work, ()))
    reader = world.store.read()
    few = list(search.search(reader, "words", limit=20))
    monkeypatch.setattr(search, "FEW", 10)
    many = list(search.search(reader, "words", limit=20))
    assert len(set(few)) == 20
    places = [reader.value("SELECT message FROM placement WHERE id = ?", row) for row in many]
    assert len(set(places)) == 20
    assert many == few
    assert list(search.search(reader, "words", [world.inbox], limit=5)) == sorted(rows, reverse=True)[:5]


def test_the_index_is_tidied_and_still_right(world: World, rows: dict[str, RowId]) -> None:
    world.write(search.tidy)
    assert list(search.search(world.store.read(), "building")) == [rows["tea"], rows["plan"]]


def test_ascii_is_not_touched_and_other_scripts_are_set_apart() -> None:
    assert query.folded("plain text") == "plain text"
    assert query.folded("東京2024") == " 東  京 2024"
    assert query.folded("ﬁn Straße") == "fin Strasse"


def test_headers_are_forgotten_when_all_is_whole_and_mislead_nobody_before(world: World) -> None:
    rows = world.fill(world.inbox, 3)
    waiting = world.arrive(world.inbox, header(900))
    reader = world.store.read()
    in_headers = "SELECT count(*) FROM search_header_docsize"
    assert reader.value(in_headers) == 4
    assert set(search.search(reader, "words")) == set(rows)
    assert set(search.search(reader, "body*")) == set(rows)
    assert set(search.search(reader, "alice -words")) == set(waiting)  # the headers of the others have no "words"
    assert not world.write(search.drop_headers)
    world.write(search.tidy)
    assert reader.value(in_headers) == 1
    world.bodies(waiting)
    assert world.write(search.drop_headers)
    assert reader.value(in_headers) == 0
    assert set(search.search(reader, "words")) == {*rows, *waiting}


def test_an_index_in_pieces_is_found_in_and_put_in_order_later(world: World) -> None:
    assert search.merges(world.store.read())
    world.write(search.merge_as_it_comes, False)
    assert not search.merges(world.store.read())
    rows = [world.own(world.inbox, f"One {number}", text=f"zebra number{number}") for number in range(30)]
    assert len(search.search(world.store.read(), "zebra")) == len(rows)
    world.write(search.merge_as_it_comes, True)
    world.write(search.tidy)
    assert search.merges(world.store.read())
    assert list(search.search(world.store.read(), "number7")) == [rows[7]]

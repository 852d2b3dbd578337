"""Letters that choose an entry of an open menu: each stands for one entry of it."""

from collections import Counter

import pytest

from qtmail.ui.actions import ACTIONS, LIST_MENU, MENUS
from qtmail.ui.message_list.header import SORT_BY

TEXTS = {spec.id: spec.text for spec in ACTIONS}
OPENED = {
    "menu bar": list(MENUS),
    "context menu": [*(TEXTS[act] for act in LIST_MENU if act is not None), SORT_BY],
    **{menu: [spec.text for spec in ACTIONS if spec.menu == menu] for menu in MENUS},
}
OPENED["&View"].append(SORT_BY)


@pytest.mark.parametrize("menu", OPENED)
def test_no_letter_stands_for_two_entries(menu: str) -> None:
    letters = Counter(text.partition("&")[2][:1].casefold() for text in OPENED[menu] if "&" in text)
    assert {letter for letter, times in letters.items() if times > 1} == set()

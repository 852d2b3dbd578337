"""A store in a temporary folder, with an IMAP account that has some folders and mail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.paths import Profile
from qtmail.store.db import Store
from tests.unit.store.world import World


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profile").create()


@pytest.fixture
def store(profile: Profile) -> Iterator[Store]:
    store = Store.open(profile)
    yield store
    store.close()


@pytest.fixture
def world(store: Store) -> World:
    return World(store)

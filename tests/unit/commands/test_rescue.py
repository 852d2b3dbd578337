"""`qtmail verify --rescue`: a damaged store is set aside with what exists only in it saved."""

import argparse
from pathlib import Path

import pytest

from qtmail.commands import verify
from qtmail.commands.context import Context
from qtmail.commands.table import Exit
from qtmail.engine.lock import engine_lock
from qtmail.errors import AlreadyRunning, StoreError
from qtmail.paths import Profile


@pytest.fixture
def damaged(tmp_path: Path) -> Context:
    profile = Profile(tmp_path / "profile").create()
    profile.facts.write_bytes(b"rubbish " * 4096)
    return Context(profile)


def options(into: Path) -> argparse.Namespace:
    return argparse.Namespace(offline=True, rescue=into, json=False)


def test_a_damaged_store_is_set_aside_and_a_new_one_begun(damaged: Context, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="damaged") as refused:
        damaged.reading.folders()
    assert "--rescue" in refused.value.hint
    assert verify.run(damaged, options(tmp_path / "saved")) is Exit.DONE
    assert list(damaged.profile.root.glob("mail.db.damaged-*")) != []
    damaged.reading.folders()
    damaged.close()


def test_not_while_an_engine_uses_it(damaged: Context, tmp_path: Path) -> None:
    with engine_lock(damaged.profile), pytest.raises(AlreadyRunning):
        verify.run(damaged, options(tmp_path / "saved"))
    assert damaged.profile.facts.read_bytes().startswith(b"rubbish")

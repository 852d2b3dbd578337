"""settings.toml: defaults, limits, and what does not fit is put aside with a word."""

from dataclasses import replace
from pathlib import Path

from qtmail import settings
from qtmail.settings import Density, Scheme, Settings


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    chosen = replace(Settings(), scheme=Scheme.DARK, density=Density.COMPACT, mark_read_after=-1, notify=False)
    settings.save(path, chosen)
    said: list[str] = []
    assert settings.load(path, said.append) == chosen
    assert said == []


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert settings.load(tmp_path / "none.toml", _never) == Settings()


def test_what_does_not_fit_is_put_aside_and_told(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('scheme = "pink"\nmark_read_after = 999\nnotify = false\nfrom_the_future = 1\n')
    said: list[str] = []
    assert settings.load(path, said.append) == replace(Settings(), notify=False)
    assert len(said) == 2
    assert "scheme" in said[0]
    assert "mark_read_after" in said[1]


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe[")
    said: list[str] = []
    assert settings.load(path, said.append) == Settings()
    assert len(said) == 1


def test_every_setting_shown_has_a_label_and_limits_that_hold_its_default() -> None:
    for entry, about in settings.declared():
        if about.page:
            assert about.label, entry.name
        if about.most:
            assert about.least <= entry.default <= about.most, entry.name


def _never(sentence: str) -> None:
    raise AssertionError(sentence)

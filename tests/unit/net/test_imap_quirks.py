"""The table of providers: who is known by what, and that it reads well."""

import pytest

from qtmail.net.imap_extensions import PURPOSES
from qtmail.net.imap_quirks import QUIRKS, of_host, of_software, set_aside


@pytest.mark.parametrize(
    ("host", "providers"),
    [
        ("imap.mail.me.com", ["iCloud"]),
        ("p03-imap.MAIL.me.com.", ["iCloud"]),
        ("imap.yandex.ru", ["Yandex"]),
        ("outlook.office365.com", ["Outlook"]),
        ("imap.gmail.com", ["Gmail"]),
        ("imap.163.com", ["NetEase"]),
        ("notgmail.com", []),
        ("gmail.com.example.test", []),
        ("127.0.0.1", []),
    ],
)
def test_by_host(host: str, providers: list[str]) -> None:
    assert [quirk.provider for quirk in of_host(host)] == providers


def test_by_what_it_calls_itself() -> None:
    assert [quirk.provider for quirk in of_software({"name": "GImap", "vendor": "Google, Inc."})] == ["Gmail"]
    assert [q.provider for q in of_software({"name": "Microsoft.Exchange.Imap4.Imap4Server"})] == ["Outlook"]
    assert of_software({"name": "Dovecot"}) == ()


def test_only_what_harms_is_set_aside() -> None:
    assert set_aside(QUIRKS) == ("QRESYNC",)


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: quirk.provider)
def test_each_says_what_and_what_is_done_about_it(quirk: object) -> None:
    assert quirk.what.endswith(".")  # type: ignore[attr-defined]
    assert quirk.doing.endswith(".")  # type: ignore[attr-defined]
    assert quirk.extension in {*PURPOSES, "XLIST"}  # type: ignore[attr-defined]
    assert quirk.hosts  # type: ignore[attr-defined]

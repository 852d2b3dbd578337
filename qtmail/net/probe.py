"""The account test: does each server answer, protect, and let us in; if not, what is wrong in plain words."""

from dataclasses import dataclass

from qtmail.model import Account


@dataclass(frozen=True, slots=True)
class Outcome:
    """One server's result. `words`: what happened; `hint`: what to do; `server_words`: its own reply, if any."""

    ok: bool
    words: str
    hint: str = ""
    server_words: str = ""


@dataclass(frozen=True, slots=True)
class TestResult:
    """Both servers of an account. An account without an outgoing server is fine, and `outgoing` says so."""

    __test__ = False

    incoming: Outcome
    outgoing: Outcome

    @property
    def ok(self) -> bool:
        return self.incoming.ok and self.outgoing.ok


def test(
    account: Account,
    password: str,
    outgoing_password: str | None = None,  # noqa: PT028 - not a pytest test
    *,
    timeout: float = 15,  # noqa: PT028
) -> TestResult:
    """Try both servers at once; never raises for anything a server does. Takes at most about `timeout` seconds.

    `outgoing_password`: None means the same as the incoming one.
    """
    raise NotImplementedError

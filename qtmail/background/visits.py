"""Sign-ins at a provider's page, one at a time, each in a thread of its own: they touch nothing but the network."""

from collections.abc import Callable
from typing import Protocol

from qtmail.engine import signing_in
from qtmail.errors import MailError
from qtmail.events import Event, SignedIn, SignIn, SignInAt
from qtmail.net.connect import Wake
from qtmail.paths import Profile

END_S = 1.0


class Thread(Protocol):
    def join(self, timeout: float) -> bool: ...


class Visits:
    """Belongs to the engine's main thread."""

    def __init__(
        self, profile: Profile, say: Callable[[Event], None], start: Callable[[str, Callable[[], None]], Thread]
    ) -> None:
        self._profile = profile
        self._say = say
        self._start = start
        self._number = 0
        self._halt: Wake | None = None
        self._threads: list[Thread] = []

    def begin(self, wish: SignIn) -> None:
        """SignInAt follows, and SignedIn when it is over. Whoever was signing in before is told that it ended."""
        self._end()
        halt = Wake()
        self._number, self._halt = wish.number, halt
        self._threads = [thread for thread in self._threads if not thread.join(0)]
        self._threads.append(self._start("sign-in", lambda: self._work(wish, halt)))

    def cancel(self, number: int) -> None:
        """End the one of this number, if it is still under way."""
        if number == self._number:
            self._end()

    def stop(self) -> None:
        """End it, and wait a moment."""
        self._end()
        for thread in self._threads:
            thread.join(END_S)

    def _end(self) -> None:
        halt, self._halt = self._halt, None
        if halt is not None:
            halt.set()

    def _work(self, wish: SignIn, halt: Wake) -> None:
        from qtmail.net.oauth.requests import sign_in  # few starts need it

        try:
            provider = signing_in.provider_of(self._profile, wish.server)
            tokens = sign_in(
                provider, wish.address, lambda url: self._say(SignInAt(wish.number, provider.name, url)), halt
            )
            self._say(SignedIn(wish.number, tokens.secret()))
        except MailError as error:
            self._say(SignedIn(wish.number, "", str(error), error.hint, error.server_words))
        finally:
            halt.close()

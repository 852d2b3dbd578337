"""People for the completion of the address fields, looked up off the window's thread."""

from collections.abc import Callable

from qtmail.engine.mail import Mail
from qtmail.errors import MailError
from qtmail.model import Address
from qtmail.ui.worker import Worker

Take = Callable[[tuple[Address, ...]], None]


class People:
    """What was typed meanwhile makes older answers void."""

    def __init__(self, mail: Mail, worker: Worker) -> None:
        self._mail, self._worker, self._wanted = mail, worker, ""

    def look_up(self, words: str, then: Take) -> None:
        """Those whose name or address has these words, most likely first, handed to `then`."""
        self._wanted = words

        def work() -> tuple[Address, ...]:
            return self._mail.known_people(words) if words == self._wanted else ()

        def tell(answer: tuple[Address, ...] | MailError) -> None:
            if not isinstance(answer, MailError):
                then(answer)

        self._worker.run(work, tell)

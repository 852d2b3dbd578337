"""The facade's part for POP3: the user's word on a message of a server, what a policy would do, open questions."""

from collections.abc import Callable, Sequence

from qtmail.engine import pop3_doubt, pop3_policy
from qtmail.engine.conversing import Conversing
from qtmail.engine.facade import Done
from qtmail.engine.pop3_doubt import Answer, Question
from qtmail.errors import BadInput
from qtmail.model import AccountKey, PopPolicy, RowId
from qtmail.store import ledger
from qtmail.store.db import Tx
from qtmail.store.values import PopWish


class Popping(Conversing):
    """What is wished here is done on the server at the next check."""

    def keep_on_server(self, rows: Sequence[RowId]) -> Done:
        """Whatever the policy says. Raises BadInput where none of them is on a POP3 server."""
        return self._wish(rows, "Keep {} on the server", lambda tx: ledger.set_wish(tx, rows, PopWish.KEEP))

    def remove_from_server(self, rows: Sequence[RowId]) -> Done:
        """At the next check, once it is proven to be here whole. It stays here."""
        return self._wish(rows, "Remove {} from the server", lambda tx: ledger.set_wish(tx, rows, PopWish.REMOVE))

    def download_rest(self, rows: Sequence[RowId]) -> Done:
        """Of messages too large to be fetched whole: at the next check, or at once with events.FetchBody."""
        return self._wish(rows, "Download the rest of {}", lambda tx: ledger.want(tx, rows))

    def pop_forecast(self, account: AccountKey, policy: PopPolicy) -> str:
        """What the next check would do on the server under this policy, in a plain sentence."""
        return self.pop_forecaster(account)(policy)

    def pop_forecaster(self, account: AccountKey) -> Callable[[PopPolicy], str]:
        """The same for many policies; the ledger is read once."""
        entries, now = list(ledger.known(self._read(), account).values()), self._now()
        return lambda policy: pop3_policy.forecast(policy, entries, now=now).sentence()

    def pop_question(self, account: AccountKey) -> Question | None:
        """What the engine saw on the server and cannot decide by itself."""
        return pop3_doubt.asked(self._read(), account)

    def answer_pop(self, account: AccountKey, answer: Answer) -> None:
        """The next check acts on it. Raises BadInput where that is not an answer to what was asked."""
        question = self.pop_question(account)
        if question is None or answer not in pop3_doubt.ANSWERS[question.doubt]:
            raise BadInput("Nothing was asked that this answers.", hint="Check the account first.")
        with self._store.transaction("answer") as tx:
            pop3_doubt.answer(tx, account, answer)

    def _wish(self, rows: Sequence[RowId], label: str, act: Callable[[Tx], int]) -> Done:
        with self._store.transaction("wish about a server") as tx:
            count = act(tx)
            tx.touched(*(place.folder for place in self._places(list(rows)).values()))
        if not count:
            raise BadInput("There is nothing of it to change on a POP3 server.", hint="“qtmail show --json” tells why.")
        return Done(None, label.format("1 message" if count == 1 else f"{count:,} messages"), tx.events)

"""The biography of one row: everything the store knows happened to it."""

from collections.abc import Iterable

from qtmail.model import RowId, Step
from qtmail.store.connection import Reader
from qtmail.store.db import Tx

_GONE = {
    "expunged": "Removed for good; kept here for a while",
    "vanished": "Not on the server any more: removed elsewhere; kept here for a while",
    "folder": "Its folder is gone; kept here for a while",
    "cancelled": "Taken back",
    "sent": "Sent; its copy was in Sent already",
    "refused": "The server refused it",
    "account": "Its account was removed",
}

_STATES = {
    "pending": " (the server is still to be told)",
    "sent": " (the server has not answered yet)",
    "done": "",
    "refused": " (refused by the server: {})",
    "cancelled": " (taken back before the server was told)",
}


def story(reader: Reader, row: RowId) -> tuple[Step, ...]:
    """Arrival, what the user did, what was seen elsewhere, sending, POP3 ledger: oldest first. Rows in grace too."""
    record = reader.one(
        """
        SELECT p.added_at, p.added_why, f.path, p.gone_at, p.gone_why, m.body_at, p.message
        FROM placement AS p JOIN folder AS f ON f.id = p.folder JOIN message AS m ON m.id = p.message WHERE p.id = ?
        """,
        row,
    )
    if record is None:
        return ()
    added_at, added_why, _path, gone_at, gone_why, body_at, _message = record
    steps = [Step(added_at, added_why)]
    if body_at is not None and body_at >= added_at:
        steps.append(Step(body_at, "Stored here whole"))
    steps += [
        Step(at, what) for at, what in reader.all("SELECT at, what FROM history WHERE placement = ? ORDER BY at", row)
    ]
    steps += _acts(reader, row)
    steps += _sending(reader, row)
    steps += _ledger(reader, row)
    if gone_at is not None:
        steps.append(Step(gone_at, _GONE.get(gone_why, "Removed")))
    return tuple(sorted(steps, key=lambda step: step.at))


def tell(tx: Tx, row: RowId, what: str, *, now: int) -> None:
    """Add a line to a row's biography that no operation tells ("The server filed a copy by itself")."""
    tx.run("INSERT INTO history (placement, at, what) VALUES (?, ?, ?)", row, now, what)


def tell_many(tx: Tx, told: Iterable[tuple[RowId, str]], *, now: int) -> None:
    """The same for many rows: (row, what)."""
    tx.many("INSERT INTO history (placement, at, what) VALUES (?, ?, ?)", [(row, now, what) for row, what in told])


def _acts(reader: Reader, row: RowId) -> list[Step]:
    records = reader.all(
        """
        SELECT o.at, g.label, o.state, o.words, f.path, o.kind, g.undoes,
               (SELECT path FROM folder WHERE id = json_extract(o.payload, '$.to'))
        FROM operation_row AS r JOIN operation AS o ON o.id = r.operation JOIN gesture AS g ON g.id = o.gesture
        LEFT JOIN folder AS f ON f.id = r.folder
        WHERE r.placement = ? ORDER BY o.id
        """,
        row,
    )
    steps = []
    for at, label, state, words, path, kind, undoes, target in records:
        what = f"{'Undone: ' if undoes and not label.startswith('Undo') else ''}{label}"
        if kind in ("Move", "Copy") and target:
            what += f": from {path} to {target}"
        steps.append(Step(at, what + _STATES[state].format(words)))
    return steps


def _sending(reader: Reader, row: RowId) -> list[Step]:
    return [
        Step(updated, f"Sending: {state}" + (f" ({reply})" if reply else ""))
        for updated, state, reply in reader.all("SELECT updated, state, reply FROM outbox WHERE placement = ?", row)
    ]


def _ledger(reader: Reader, row: RowId) -> list[Step]:
    steps = []
    for stored_at, decided, state, wish, asked_at, answered_at, ended_at in reader.all(
        """
        SELECT stored_at, decided, state, wish, asked_at, answered_at, ended_at FROM pop_ledger WHERE placement = ?
        """,
        row,
    ):
        words = {"keep": " (you want it kept)", "remove": " (you want it removed)"}.get(wish, "")
        steps.append(Step(stored_at, f"On the server: {decided}{words}"))
        if asked_at is not None:
            steps.append(Step(asked_at, f"The server was told to delete it (DELE): {decided}"))
        if answered_at is not None:
            steps.append(Step(answered_at, "The server confirmed it (QUIT answered +OK): deleted there, kept here"))
        elif ended_at is not None and state == "deleted":
            steps.append(Step(ended_at, "Deleted on the server: it is not listed any more"))
        elif ended_at is not None:
            steps.append(Step(ended_at, "Not on the server any more: removed there by somebody else"))
    return steps

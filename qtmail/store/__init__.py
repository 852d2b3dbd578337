"""The local store: the only place with SQL. Facts in one database, immutable content in another.

May import model, errors, paths, operations, events, settings, log, accounts and apsw; nothing of net, mime, engine or
Qt. `Store` is opened once a process; reading functions take a `Reader` (`store.read()`, or the `Tx` itself inside a
transaction), writing ones a `Tx` (`with store.transaction("name") as tx:`), long ones the `Store`, because they commit
several times. What changed is in `tx.events` once the transaction is over. Times (`now`) are passed in by the caller.

- db: connections, transactions, migrations, what SQLite's failures mean   - content: raw bytes by hash
- values: what the writers take and the readers return                     - flags: how flags are kept
- read, lists, story, people: what the screen asks                          - search, query: full text
- journal, undo, replay: what the user did, taking it back, telling the server
- folders, sync, relink, bodies: what the server told                       - add: whole messages of our own
- outbox, drafts, ledger, facts, grace, verify, rescue
"""

"""Opening a folder: the facade's ids and first 60 rows, beside the same two questions put to SQLite directly."""

import json
import sys
import time
from pathlib import Path

import apsw

from qtmail.engine.mail import Mail
from qtmail.model import Role, RowId
from qtmail.paths import Profile

profile = Profile(Path(sys.argv[1]))
mail = Mail(profile)
(inbox,) = [folder for folder in mail.folders() if folder.role is Role.INBOX]
mail.rows([RowId(1)])
begin = time.perf_counter()
ids = mail.ids([inbox.id])
rows = mail.rows([RowId(number) for number in ids[:60]])
facade = time.perf_counter() - begin
assert len(rows) == 60
sqlite = apsw.Connection(str(profile.facts), flags=apsw.SQLITE_OPEN_READONLY)
sqlite.execute("SELECT count(*) FROM message WHERE id = 1").fetchall()
begin = time.perf_counter()
found = [
    row[0]
    for row in sqlite.execute(
        "SELECT id FROM placement WHERE folder = ? AND gone_at IS NULL ORDER BY date DESC, id DESC", (inbox.id,)
    )
]
listed = ",".join(str(number) for number in found[:60])
first = sqlite.execute(
    f"SELECT p.id, p.flags, m.subject, m.from_name, m.date FROM placement p JOIN message m ON m.id = p.message "
    f"WHERE p.id IN ({listed})"
).fetchall()
bare = time.perf_counter() - begin
assert len(first) == 60
assert len(found) == len(ids)
mail.close()
print(json.dumps({"facade": facade, "sqlite": bare}))

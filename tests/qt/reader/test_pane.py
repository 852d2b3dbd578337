"""What the reader shows, and what it says when it cannot."""

from pathlib import Path
from tests.qt.fakes import FakeMail
from tests.qt.reader.conftest import Open
from qtmail.ui.reader import ReaderPane

PLAIN = """\
From: =?utf-8?q?J=C3=BCrgen_Klein?= <juergen@example.org>
To: Alice <alice@example.test>, Bo <bo@example.org>, cy@example.org, dee@example.org, ed@example.org
Cc: Fay <fay@example.org>
Date: Mon, 13 Nov 2023 09:12:00 +0900
Message-ID: <one@example.org>
Subject: Plans for the week

Hello Alice,

see https://example.org/plan for the plan. I would like to move the meeting to Thursday, because half of the team is travelling on Wednesday and the other half would be alone.

> Shall we meet on Wednesday?
>> Which day is best?
>> A second line of it.
> Tell me.

Yes.

-- 
Jürgen Klein
Example Ltd
"""


def test_plain(pane: ReaderPane, mail: FakeMail, open_row: Open, tmp_path: Path) -> None:
    open_row(pane, mail.add(PLAIN))
    assert "Hello Alice" in pane.bodies.text.browser.toPlainText()
    assert pane.header.to.text() == "to me, Bo and 4 more"
    pane.grab().save("/tmp/w/rc/plain.png")
    print(pane.bodies.text.browser.document().blockCount(), pane.bodies.text.browser.toHtml()[:3000])

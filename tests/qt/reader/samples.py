"""Messages that the reader's tests open."""

import base64
from email.message import EmailMessage

# A red dot, 2 x 2.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg=="
)

PLAIN = """\
From: =?utf-8?q?J=C3=BCrgen_Klein?= <juergen@example.org>
To: Alice <alice@example.test>, Bo <bo@example.org>, cy@example.org, dee@example.org, ed@example.org
Cc: Fay <fay@example.org>
Date: Mon, 13 Nov 2023 09:12:00 +0900
Message-ID: <one@example.org>
Subject: Plans for the week

Hello Alice,

see https://example.org/plan for the plan. I would like to move the meeting to Thursday, because half of the team is
travelling on Wednesday and the other half would be alone.

> Shall we meet on Wednesday?
>> Which day is best?
>> A second line of it.
> Tell me.

Yes.

-- \n\
Jürgen Klein
Example Ltd
"""


def html_mail(html: str, *, subject: str = "News", inline: bool = False, files: dict[str, str] | None = None) -> bytes:
    """An HTML mail with a text alternative, perhaps a picture <pic@x>, perhaps files (name -> MIME type)."""
    message = EmailMessage()
    message["From"] = "The Weekly <news@example.org>"
    message["To"] = "alice@example.test"
    message["Date"] = "Mon, 20 Nov 2023 08:00:00 +0000"
    message["Subject"] = subject
    message["Message-ID"] = "<news@example.org>"
    message.set_content("The plain alternative.")
    message.add_alternative(html, subtype="html")
    if inline:
        payload = message.get_payload()
        assert isinstance(payload, list)
        part = payload[1]
        assert isinstance(part, EmailMessage)
        part.add_related(PNG, "image", "png", cid="<pic@x>")
    for name, type_ in (files or {}).items():
        main, _, sub = type_.partition("/")
        message.add_attachment(b"content of " + name.encode(), maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


NEWSLETTER = """
<html><head><style>h1 { color: #b5179e; font-family: Georgia }
.box { background: #f0f4ff; padding: 12px }</style></head>
<body bgcolor="#ffffff"><h1>The Weekly</h1>
<p>Good morning! Here is <a href="https://example.org/story">the story</a> of the week.</p>
<div class="box"><p>Two columns are <b>better</b> than one.</p></div>
<img src="cid:pic@x" width="120" height="60" alt="dot">
<p>Written for you with care.</p></body></html>
"""

"""Mails as people get them, for the pictures of the reader."""

from tests.qt.reader.samples import PLAIN, PNG, html_mail

NEWSLETTER = """
<html><head><style>.btn{background:#0a7d32;color:#fff;padding:10px 18px;border-radius:6px;text-decoration:none}
.foot{color:#888;font-size:12px}</style></head><body bgcolor="#f2f4f7" text="#202833">
<table width="600" align="center" cellpadding="0" cellspacing="0" bgcolor="#ffffff" style="font-family:Helvetica,Arial">
<tr><td style="background:#12355b;padding:24px;color:#ffffff;font-size:26px"><b>Northwind Garden</b></td></tr>
<tr><td style="padding:24px"><h2 style="color:#12355b;margin-top:0">What to sow in November</h2>
<p>Broad beans and garlic go in before the frost. Our <a href="https://garden.example.org/?utm_source=nl">guide</a>
tells how deep, how far apart, and what to do about the mice.</p>
<table width="100%"><tr><td width="50%" style="padding:12px;background:#eef6ee"><b style="color:#1b5e20">Broad
beans</b><br>5 cm deep, 20 cm apart</td><td width="50%" style="padding:12px;background:#fff4e5"><b
style="color:#8a4b00">Garlic</b><br>3 cm deep, 15 cm apart</td></tr></table><p style="margin:24px 0"><a class="btn" href="https://garden.example.org/buy">
Order seeds</a></p><p>With love,<br>the gardeners</p></td></tr>
<tr><td class="foot" style="padding:16px 24px;border-top:1px solid #e3e6ea">You get this because you asked for it.
<a href="https://garden.example.org/bye">Unsubscribe</a></td></tr></table>
<img src="https://pixel.example.org/open?id=1" width="1" height="1">
<img src="https://img.example.org/a.jpg" width="300">
</body></html>
"""

OFFICE = """
<div style="font-family:Calibri;font-size:11pt;color:#1f1f1f"><p>Hi Alice,</p><p>the numbers are in the table; the last
row is <span style="background:yellow">still open</span>.</p><table border="1" cellspacing="0" cellpadding="4">
<tr bgcolor="#d9e2f3"><th>Quarter</th><th>Sold</th></tr><tr><td>First</td><td>1,204</td></tr><tr><td>Second</td>
<td style="color:#c00000">987</td></tr></table><p>Best,<br>Jon</p><blockquote type="cite"><p>On Monday Alice wrote:</p>
<p>Could you send me the numbers for the first half of the year, please? I need them for the meeting with the board on
Thursday, and it would be good to have those of last year beside them. If the second quarter is not closed yet, an
estimate will do; just mark it, so that nobody takes it for the final one. Thank you very much!</p></blockquote></div>
"""

INVITATION = """\
From: Bo Lind <bo@example.org>
To: alice@example.test
Date: Mon, 20 Nov 2023 08:00:00 +0000
Subject: Invitation: planning day
Message-ID: <invite@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Please keep Thursday free. Room 3, coffee at half past eight.
--b
Content-Type: text/calendar; charset=utf-8; method=REQUEST; name=invite.ics

BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:1
DTSTART:20231123T080000Z
DTEND:20231123T150000Z
SUMMARY:Planning day
LOCATION:Room 3
END:VEVENT
END:VCALENDAR
--b--
"""

REPORT = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example.test>
To: alice@example.test
Date: Mon, 20 Nov 2023 08:00:00 +0000
Subject: Undelivered Mail Returned to Sender
Message-ID: <report@mx.example.test>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

This is the mail system at host mx.example.test. I'm sorry to have to inform you
that your message could not be delivered to one or more recipients.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.test

Final-Recipient: rfc822; nobody@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <nobody@example.org>: Recipient address rejected: User unknown
--b
Content-Type: text/rfc822-headers

Subject: Dinner on Friday
From: alice@example.test
--b--
"""

JAPANESE = """\
From: 山田 ゆき <yuki@example.jp>
To: alice@example.test
Date: Mon, 20 Nov 2023 17:00:00 +0900
Subject: ご予約の確認（桜旅館・二名様）
Message-ID: <ja@example.jp>
Content-Type: text/plain; charset=utf-8

アリス様

このたびは桜旅館をご予約いただき、誠にありがとうございます。
下記の内容で承りました。

  ご到着日：11月23日（木）
  ご宿泊数：二泊
  お部屋：庭園側　和室十畳

詳しくは https://sakura.example.jp/ をご覧ください。

> 朝食はつきますか。
> アレルギーがあります。

はい、ご用意いたします。🍵

--\x20
山田 ゆき
桜旅館
"""

ARABIC = """\
From: ليلى حداد <layla@example.org>
To: alice@example.test
Date: Mon, 20 Nov 2023 10:00:00 +0200
Subject: وصفة جدتي للمغلي
Message-ID: <ar@example.org>
Content-Type: text/plain; charset=utf-8

عزيزتي أليس،

هذه وصفة جدتي للمغلي كما وعدتك. تحتاجين إلى كوب من الأرز المطحون (200 g) وملعقتين من الكراوية.

The recipe is from Beirut, 1962.

مع محبتي،
ليلى
"""

FORGED = """\
Authentication-Results: mx.example.test; dmarc=fail header.from=bank.com; spf=softfail smtp.mailfrom=x@evil.test
From: "service@bank.com" <alert@xn--pypal-4ve.com>
Reply-To: collect@evil.test
To: alice@example.test
Date: Mon, 20 Nov 2023 10:00:00 +0200
Subject: Your account is locked
Message-ID: <forged@evil.test>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<p>Log in at <a href="https://evil.test/login">https://www.bank.com/login</a> at once.</p>
"""

LONG_ANSWER = PLAIN + "> One more thing that was said before\n" * 12 + "Until then!\n"

LETTERS: dict[str, bytes | str] = {
    "plain": PLAIN,
    "answer": LONG_ANSWER,
    "newsletter": html_mail(NEWSLETTER, subject="What to sow in November"),
    "office": html_mail(OFFICE, subject="The numbers", files={"numbers.xlsx": "application/vnd.ms-excel"}),
    "invitation": INVITATION,
    "report": REPORT,
    "japanese": JAPANESE,
    "arabic": ARABIC,
    "forged": FORGED,
    "inline": html_mail('<p>A dot:</p><img src="cid:pic@x" width=60 height=60>', subject="A picture", inline=True),
}

__all__ = ["FORGED", "LETTERS", "LONG_ANSWER", "NEWSLETTER", "OFFICE", "PNG"]

"""Every way known to us in which HTML, CSS and headers make a program ask the network: each names a host of its own."""

from email.message import EmailMessage

HTML = (
    '<img src="{u}/a.png">',
    '<img srcset="{u}/a.png 1x, {u}/b.png 2x">',
    '<img lowsrc="{u}/a" dynsrc="{u}/b">',
    '<img src="//{h}/a.png">',
    r'<img src="\\{h}\share\a.png">',
    '<img src="file://{h}/share/a.png">',
    '<img src=" h&#116;tp://{h}/a.png">',
    '<img src="ht\ttp://{h}/a.png">',
    '<IMG/SRC="{u}/a.png"/OnError=x>',
    '<img src="ftp://{h}/a.png">',
    (
        "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' "
        "xmlns:xlink='http://www.w3.org/1999/xlink'><image xlink:href='{u}/a.png'/></svg>\">"
    ),
    '<image src="{u}/a.png">',
    '<picture><source srcset="{u}/a.png"><img src="x"></picture>',
    '<video src="{u}/a.mp4" poster="{u}/p.png" autoplay></video>',
    '<video><source src="{u}/a.mp4"></video>',
    '<video><track src="{u}/a.vtt" default></video>',
    '<audio src="{u}/a.mp3" autoplay preload="auto"></audio>',
    '<bgsound src="{u}/a.wav">',
    '<embed src="{u}/a.swf">',
    '<object data="{u}/a"><param name="movie" value="{u}/b"></object>',
    '<object classid="{u}/a" codebase="{u}/"></object>',
    '<applet code="a.class" codebase="{u}/" archive="{u}/a.jar"></applet>',
    '<iframe src="{u}/a.html"></iframe>',
    '<iframe srcdoc="<img src={u}/a.png>"></iframe>',
    '<portal src="{u}/a"></portal>',
    '<frameset><frame src="{u}/a.html"></frameset>',
    '<fencedframe src="{u}/a"></fencedframe>',
    '<script src="{u}/a.js"></script>',
    '<script>fetch("{u}/a");new Image().src="{u}/b"</script>',
    '<script>new WebSocket("ws://{h}/");new RTCPeerConnection({{iceServers:[{{urls:"stun:{h}"}}]}})</script>',
    '<script>navigator.sendBeacon("{u}/a")</script>',
    '<script type="module">import "{u}/a.js"</script>',
    '<script type="speculationrules">{{"prefetch":[{{"source":"list","urls":["{u}/a"]}}]}}</script>',
    "<body onload=\"location='{u}/a'\"><p>x</p>",
    '<body background="{u}/a.png"><p>x</p>',
    '<svg><image href="{u}/a.png"/></svg>',
    '<svg><image xlink:href="{u}/a.png"/></svg>',
    '<svg><use href="{u}/a.svg#b"/></svg>',
    '<svg><feImage href="{u}/a.png"/></svg>',
    '<svg><filter id="f"><feImage xlink:href="{u}/a.png"/></filter><rect filter="url(#f)" width="9" height="9"/></svg>',
    '<svg><script href="{u}/a.js"/></svg>',
    '<svg><style>@import "{u}/a.css";</style></svg>',
    '<svg><a href="{u}/a"><animate attributeName="href" values="{u}/b"/></a></svg>',
    '<math href="{u}/a"><mi xlink:href="{u}/b">x</mi></math>',
    '<foreignObject><img src="{u}/a.png"></foreignObject>',
    '<link rel="stylesheet" href="{u}/a.css">',
    '<link rel="icon" href="{u}/a.ico">',
    '<link rel="apple-touch-icon" href="{u}/a.png">',
    '<link rel="preload" as="image" href="{u}/a.png">',
    '<link rel="prefetch" href="{u}/a">',
    '<link rel="prerender" href="{u}/a">',
    '<link rel="preconnect" href="{u}">',
    '<link rel="dns-prefetch" href="//{h}/">',
    '<link rel="modulepreload" href="{u}/a.js">',
    '<link rel="manifest" href="{u}/a">',
    '<link rel="import" href="{u}/a.html">',
    '<link rel="pingback" href="{u}/a">',
    '<link rel="expect" href="{u}/a">',
    '<link rel="compression-dictionary" href="{u}/a">',
    '<link rel="stylesheet" imagesrcset="{u}/a.png" href="x">',
    '<meta http-equiv="refresh" content="0; url={u}/a">',
    '<meta http-equiv="Link" content="<{u}/a.css>; rel=stylesheet">',
    '<meta http-equiv="x-dns-prefetch-control" content="on"><a href="{u}/a">a link</a>',
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; report-uri {u}/a"><img src="x:y">',
    '<meta property="og:image" content="{u}/a.png">',
    '<base href="{u}/"><img src="relative.png">',
    '<a href="{u}/a" ping="{u}/b">a link</a>',
    '<a href="{u}/a" rel="prefetch">a link</a>',
    '<area href="{u}/a" ping="{u}/b">',
    '<form action="{u}/a"><input type="image" src="{u}/b"><button formaction="{u}/c">go</button></form>',
    "<input autofocus onfocus=\"location='{u}/a'\">",
    '<isindex action="{u}/a">',
    '<html manifest="{u}/a"><p>x</p></html>',
    '<table background="{u}/a.png"><tr><td background="{u}/b.png">x</td></tr></table>',
    '<td background="{u}/a.png">x',
    '<blockquote cite="{u}/a">x</blockquote><q cite="{u}/b">x</q><del cite="{u}/c">x</del>',
    '<img longdesc="{u}/a" usemap="{u}/b#m" alt="x">',
    '<xml src="{u}/a"></xml>',
    '<xss style="behavior:url({u}/a)">x</xss>',
    '<!--[if mso]><v:fill src="{u}/a.png"/><![endif]-->',
    '<v:imagedata src="{u}/a.png"/>',
    '<template shadowrootmode="open"><img src="{u}/a.png"></template>',
    '<noscript><img src="{u}/a.png"></noscript>',
    '<plaintext><img src="{u}/a.png">',
    '<textarea><img src="{u}/a.png"></textarea>',
    "<details open ontoggle=\"fetch('{u}')\">x",
    '<title><img src="{u}/a.png"></title>',
    '<style><!--</style><img src="{u}/a.png">-->',
    '<noembed><img src="{u}/a.png"></noembed>',
    '<svg></p><style><g title="</style><img src={u}/a.png>">',
    "<math><mtext><table><mglyph><style><img src={u}/a.png>",
)

STYLES = (
    "background:url({u}/a.png)",
    "background-image:url('{u}/a.png')",
    'background-image:url("{u}/a.png")',
    "background-image:image-set(url({u}/a.png) 1x)",
    'background-image:image-set("{u}/a.png" 1x)',
    "background-image:-webkit-image-set(url({u}/a.png) 1x)",
    'background:image("{u}/a.png")',
    "background:u\\72l({u}/a.png)",
    "background:URL( {u}/a.png )",
    "background:url(//{h}/a.png)",
    "background:ur/**/l({u}/a.png)",
    "--x:url({u}/a.png);background:var(--x)",
    "background:cross-fade(url({u}/a.png),url({u}/b.png),50%)",
    "background:element(#x),url({u}/a.png)",
    "border-image:url({u}/a.png) 30 round",
    "border-image-source:url({u}/a.png)",
    "list-style:url({u}/a.png)",
    "list-style-image:url({u}/a.png);display:list-item",
    "content:url({u}/a.png)",
    "cursor:url({u}/a.cur),auto",
    "mask:url({u}/a.svg)",
    "mask-image:url({u}/a.png)",
    "-webkit-mask-image:url({u}/a.png)",
    "-webkit-box-reflect:below 0 url({u}/a.png)",
    "clip-path:url({u}/a.svg#b)",
    "filter:url({u}/a.svg#b)",
    "backdrop-filter:url({u}/a.svg#b)",
    "shape-outside:url({u}/a.png);float:left",
    "offset-path:url({u}/a.svg#b)",
    "fill:url({u}/a.svg#b)",
    "src:url({u}/a.woff)",
    "behavior:url({u}/a.htc)",
    "-moz-binding:url({u}/a.xml#b)",
    "background:src('{u}/a.png')",
    "width:expression(alert('{u}'))",
    "background:attr(data-x type(<url>))",
    "marker:url({u}/a.svg#b)",
    "background:paint(x, url({u}/a.png))",
    "background:url({u}/a.png",
    "font-family:x;src:url({u}/a.woff)",
    "color:red;}} p{{background:url({u}/a.png)",
    "background:\\75\\72\\6c({u}/a.png)",
)

SHEETS = (
    '@import "{u}/a.css";',
    "@import url({u}/a.css);",
    "@import url({u}/a.css) layer(x) supports(display:grid) screen;",
    '@\\69mport "{u}/a.css";',
    "@font-face{{font-family:f;src:url({u}/a.woff2)}} p{{font-family:f}}",
    "@font-face{{font-family:g;src:local(x),url({u}/a.ttf)}} *{{font:9px g}}",
    '@namespace url("{u}/a");',
    "@media all{{p{{background:url({u}/a.png)}}}}",
    "@supports(display:grid){{p{{background:url({u}/a.png)}}}}",
    "@container(width>0){{p{{background:url({u}/a.png)}}}}",
    "@layer x{{p{{background:url({u}/a.png)}}}}",
    "@scope(body){{p{{background:url({u}/a.png)}}}}",
    "@keyframes k{{0%{{background:url({u}/a.png)}}100%{{background:url({u}/b.png)}}}} p{{animation:k 1s infinite}}",
    "@counter-style c{{system:cyclic;symbols:url({u}/a.png)}} p{{display:list-item;list-style:c}}",
    "@page{{background:url({u}/a.png)}}",
    "@property --p{{syntax:'<url>';inherits:true;initial-value:url({u}/a.png)}} p{{background:var(--p)}}",
    "@document url({u}/a){{p{{color:red}}}}",
    "p{{&{{background:url({u}/a.png)}}}}",
    "p::before{{content:url({u}/a.png)}}",
    "p::after{{content:'x';background:url({u}/a.png)}}",
    "p::first-line{{background:url({u}/a.png)}}",
    "::selection{{background:url({u}/a.png)}}",
    "a:visited{{background:url({u}/a.png)}}",
    "a:link{{background:url({u}/a.png)}}",
    "p:has(b){{background:url({u}/a.png)}}",
    "input[value^='a']{{background:url({u}/a.png)}}",
    "@media print{{p{{background:url({u}/a.png)}}}}",
    "p{{background:url({u}/a.png)",
    "}}p{{background:url({u}/a.png)}}",
    "/*</style><img src={u}/a.png>*/",
    "<!-- p{{background:url({u}/a.png)}} -->",
    "@media (prefers-color-scheme:dark){{p{{background:url({u}/a.png)}}}}",
    "@import 'data:text/css,@import url({u}/a.css)';",
    ":root{{--a:url({u}/a.png)}} p{{background:var(--a)}}",
    "@view-transition{{x:url({u}/a)}}",
)

HEADERS = (
    "Disposition-Notification-To",
    "Return-Receipt-To",
    "X-Confirm-Reading-To",
    "List-Unsubscribe",
    "List-Post",
    "List-Archive",
    "X-Image-URL",
    "X-Face-URL",
    "BIMI-Location",
    "Content-Base",
    "Content-Location",
    "Link",
    "Autocrypt",
    "OpenPGP",
    "Refresh",
)


def pieces() -> list[str]:
    """Every vector as HTML, each with a host of its own: v0.sink.example, v1.sink.example, ..."""
    written = [*HTML, *(f'<p style="{style}">x<b>y</b></p>' for style in map(_attribute, STYLES))]
    written += [f"<style>{sheet}</style><p>x<b>y</b></p>" for sheet in SHEETS]
    return [
        piece.format(h=f"v{number}.sink.example", u=f"http://v{number}.sink.example")
        for number, piece in enumerate(written)
    ]


def _attribute(style: str) -> str:
    return style.replace('"', "&quot;")


def mails(together: int = 12) -> list[bytes]:
    """The vectors in mails of a dozen, one with all headers, one with hostile attachments and a hostile inline SVG."""
    every = pieces()
    found = [_mail(f"Vectors {at}", "\n".join(every[at : at + together])) for at in range(0, len(every), together)]
    found.append(
        _mail("Literal", '<img src="http://127.0.0.1/lit.png"><img src="https://127.0.0.1/s"><img src="//[::1]/x">')
    )
    return [*found, _headers(), _attached(), _invited(), _person()]


def _base(subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Eve <eve@from.sink.example>", "alice@example.test", subject
    mail["Date"], mail["Message-ID"] = "Mon, 20 Nov 2023 08:00:00 +0000", f"<{subject.replace(' ', '')}@sink.example>"
    return mail


def _mail(subject: str, html: str) -> bytes:
    mail = _base(subject)
    mail.set_content("See http://text.sink.example/a.png, www.text2.sink.example and mailto:x@text3.sink.example")
    mail.add_alternative(f"<html><head></head><body>{html}<p>The last words.</p></body></html>", subtype="html")
    return mail.as_bytes()


def _headers() -> bytes:
    mail = _base("Headers")
    for number, name in enumerate(HEADERS):
        mail[name] = f"<http://h{number}.sink.example/a>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content("<p>Plain</p>", subtype="html")
    return mail.as_bytes()


def _invited() -> bytes:
    """An invitation of a list that can be left by one click, which wants to know that it was read."""
    mail = _base("Invited")
    mail["Return-Path"] = "<eve@from.sink.example>"
    mail["Disposition-Notification-To"] = "eve@from.sink.example"
    mail["Authentication-Results"] = "example.test; dkim=pass header.d=sink.example"
    mail["DKIM-Signature"] = "v=1; d=sink.example; h=list-unsubscribe:list-unsubscribe-post; b=x"
    mail["List-Unsubscribe"] = "<https://leave.sink.example/a>, <mailto:x@leave2.sink.example>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content("You are invited.")
    lines = (
        "BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VTIMEZONE", "TZID:X", "TZURL:http://i1.sink.example/a",
        "END:VTIMEZONE", "BEGIN:VEVENT", "UID:1", "ORGANIZER;DIR=\"http://i2.sink.example/a\":mailto:eve@i3.sink.example",
        "ATTENDEE;DIR=\"http://i4.sink.example/a\":mailto:alice@example.test", "DTSTART;TZID=X:20261201T100000",
        "SUMMARY:Come", "URL:http://i5.sink.example/a", "ATTACH:http://i6.sink.example/a",
        "IMAGE;VALUE=URI:http://i7.sink.example/a.png", "CONFERENCE;VALUE=URI:https://i8.sink.example/a",
        "LOCATION;ALTREP=\"http://i9.sink.example/a\":http://i10.sink.example/a", "END:VEVENT", "END:VCALENDAR", "",
    )  # fmt: skip
    mail.add_alternative("\r\n".join(lines), subtype="calendar", params={"method": "REQUEST"})
    return mail.as_bytes()


def _person() -> bytes:
    mail = _base("Person")
    mail.set_content("A card.")
    lines = (
        "BEGIN:VCARD", "VERSION:4.0", "FN:Eve", "PHOTO:http://c1.sink.example/a.png", "LOGO:http://c2.sink.example/a",
        "KEY:http://c3.sink.example/a", "URL:http://c4.sink.example/a", "SOURCE:http://c5.sink.example/a", "END:VCARD",
    )  # fmt: skip
    mail.add_attachment("\r\n".join(lines).encode(), "text", "vcard", filename="eve.vcf")
    return mail.as_bytes()


def _attached() -> bytes:
    mail = _base("Attached")
    mail.set_content('<p>Look: <img src="cid:pic@x"> <img src="cid:svg@x"></p>', subtype="html")
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        b'<image xlink:href="http://svg.sink.example/a.png" width="9" height="9"/>'
        b"<style>@import url(http://svg2.sink.example/a.css);</style></svg>"
    )
    mail.add_related(svg, "image", "svg+xml", cid="<svg@x>")
    mail.add_attachment(
        b'<img src="http://file.sink.example/a.png">', maintype="text", subtype="html", filename="a.html"
    )
    mail.add_attachment(svg, maintype="image", subtype="svg+xml", filename="a.svg")
    mail.add_attachment(
        b"BEGIN:VCALENDAR\r\nATTACH:http://ics.sink.example/a\r\nEND:VCALENDAR",
        maintype="text",
        subtype="calendar",
        filename="a.ics",
    )
    mail.add_attachment(
        b'Content-Type: message/external-body; access-type=URL; URL="http://ext.sink.example/a"\r\n\r\n',
        maintype="application",
        subtype="octet-stream",
        filename="ext",
    )
    return mail.as_bytes()

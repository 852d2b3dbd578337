"""Providers we know: their servers, and what one has to know before signing in there."""

from dataclasses import dataclass

from qtmail.model import Security
from qtmail.net.discover.values import Found, Note, Offer, Service, Via, username

_ADDRESS = "%EMAILADDRESS%"
_LOCAL = "%EMAILLOCALPART%"


@dataclass(frozen=True, slots=True)
class Provider:
    """Hosts are reached by TLS on 993, 995 and 465; "host:587" by STARTTLS there. "": not offered."""

    name: str
    domains: tuple[str, ...]
    imap: str = ""
    pop3: str = ""
    smtp: str = ""
    login: str = _ADDRESS
    oauth: bool = False
    notes: tuple[Note, ...] = ()
    mx: tuple[str, ...] = ()
    """Ends of the names of its mail exchangers: domains that it serves for others."""

    def found(self, address: str, via: Via) -> Found:
        """For an address of theirs."""
        named = ((Service.IMAP, self.imap, 993), (Service.POP3, self.pop3, 995), (Service.SMTP, self.smtp, 465))
        offers = []
        for service, said, port in named:
            host, _, other = said.partition(":")
            if host:
                security = Security.STARTTLS if other else Security.TLS
                login = username(self.login, address)
                offers.append(Offer(service, host, int(other or port), security, login, self.oauth))
        return Found(self.name, via, tuple(offers), self.notes)


def _app_password(name: str, url: str) -> Note:
    return Note(f"{name} wants a password made for this program alone, not the one of its web page.", url)


def _switch_on(name: str, url: str) -> Note:
    return Note(f"Access by mail programs has to be switched on in the settings of {name} first.", url)


PROVIDERS = (
    Provider(
        *("Gmail", ("gmail.com", "googlemail.com")),
        *("imap.gmail.com", "pop.gmail.com", "smtp.gmail.com"),
        oauth=True,
        notes=(_app_password("Google", "https://myaccount.google.com/apppasswords"),),
        mx=("google.com", "googlemail.com"),
    ),
    Provider(
        *("Outlook.com", ("outlook.com", "hotmail.com", "live.com", "msn.com", "outlook.de", "outlook.fr")),
        *("outlook.office365.com", "outlook.office365.com", "smtp-mail.outlook.com:587"),
        oauth=True,
        notes=(Note("Microsoft lets programs in through its own sign-in page only.", "https://account.microsoft.com"),),
        mx=("olc.protection.outlook.com",),
    ),
    Provider(
        *("Microsoft 365", ()),
        *("outlook.office365.com", "outlook.office365.com", "smtp.office365.com:587"),
        oauth=True,
        notes=(Note("Microsoft lets programs in through its own sign-in page only.", "https://account.microsoft.com"),),
        mx=("mail.protection.outlook.com", "mx.microsoft"),
    ),
    Provider(
        *("Yahoo", ("yahoo.com", "yahoo.de", "yahoo.fr", "yahoo.co.uk", "yahoo.es", "yahoo.it", "ymail.com")),
        *("imap.mail.yahoo.com", "pop.mail.yahoo.com", "smtp.mail.yahoo.com"),
        oauth=True,
        notes=(_app_password("Yahoo", "https://login.yahoo.com/account/security"),),
        mx=("yahoodns.net",),
    ),
    Provider(
        *("AOL", ("aol.com", "aim.com", "verizon.net")),
        *("imap.aol.com", "pop.aol.com", "smtp.aol.com"),
        notes=(_app_password("AOL", "https://login.aol.com/account/security"),),
    ),
    Provider(
        *("iCloud", ("icloud.com", "me.com", "mac.com")),
        *("imap.mail.me.com", "", "smtp.mail.me.com:587"),
        notes=(_app_password("Apple", "https://account.apple.com"),),
        mx=("mail.icloud.com",),
    ),
    Provider(
        *("Fastmail", ("fastmail.com", "fastmail.fm")),
        *("imap.fastmail.com", "pop.fastmail.com", "smtp.fastmail.com"),
        oauth=True,
        notes=(_app_password("Fastmail", "https://app.fastmail.com/settings/security"),),
        mx=("messagingengine.com",),
    ),
    Provider(
        *("GMX", ("gmx.net", "gmx.de", "gmx.at", "gmx.ch")),
        *("imap.gmx.net", "pop.gmx.net", "mail.gmx.net"),
        notes=(_switch_on("GMX", "https://hilfe.gmx.net/pop-imap/einschalten.html"),),
    ),
    Provider(
        *("GMX", ("gmx.com", "gmx.us", "gmx.co.uk", "gmx.fr", "gmx.es")),
        *("imap.gmx.com", "pop.gmx.com", "mail.gmx.com"),
        notes=(_switch_on("GMX", "https://support.gmx.com/pop-imap/toggle.html"),),
    ),
    Provider(
        *("WEB.DE", ("web.de",)),
        *("imap.web.de", "pop3.web.de", "smtp.web.de"),
        notes=(_switch_on("WEB.DE", "https://hilfe.web.de/pop-imap/einschalten.html"),),
    ),
    Provider(
        *("T-Online", ("t-online.de", "magenta.de")),
        *("secureimap.t-online.de", "securepop.t-online.de", "securesmtp.t-online.de"),
        notes=(Note("T-Online wants the password for mail programs, not the one of its web page."),),
    ),
    Provider("Posteo", ("posteo.de", "posteo.net", "posteo.org"), "posteo.de", "posteo.de", "posteo.de"),
    Provider(
        *("mailbox.org", ("mailbox.org",)),
        *("imap.mailbox.org", "pop3.mailbox.org", "smtp.mailbox.org"),
        mx=("mailbox.org",),
    ),
    Provider(
        *("Zoho", ("zoho.com", "zohomail.com")),
        *("imap.zoho.com", "pop.zoho.com", "smtp.zoho.com"),
        notes=(_switch_on("Zoho", "https://mail.zoho.com"),),
        mx=("zoho.com",),
    ),
    Provider(
        *("Zoho", ("zohomail.eu",)),
        *("imap.zoho.eu", "pop.zoho.eu", "smtp.zoho.eu"),
        notes=(_switch_on("Zoho", "https://mail.zoho.eu"),),
        mx=("zoho.eu",),
    ),
    Provider(
        *("Yandex", ("yandex.com", "yandex.ru", "ya.ru")),
        *("imap.yandex.com", "pop.yandex.com", "smtp.yandex.com"),
        notes=(_app_password("Yandex", "https://id.yandex.com/security/app-passwords"),),
        mx=("yandex.net", "yandex.ru"),
    ),
    Provider(
        *("Mail.ru", ("mail.ru", "inbox.ru", "list.ru", "bk.ru")),
        *("imap.mail.ru", "pop.mail.ru", "smtp.mail.ru"),
        notes=(_app_password("Mail.ru", "https://account.mail.ru/user/2-step-auth/passwords"),),
    ),
    Provider("Orange", ("orange.fr", "wanadoo.fr"), "imap.orange.fr", "pop.orange.fr", "smtp.orange.fr"),
    Provider("Free", ("free.fr",), "imap.free.fr", "pop.free.fr", "smtp.free.fr", _LOCAL),
    Provider("La Poste", ("laposte.net",), "imap.laposte.net", "pop.laposte.net", "smtp.laposte.net", _LOCAL),
    Provider("Libero", ("libero.it",), "imapmail.libero.it", "popmail.libero.it", "smtp.libero.it"),
    Provider(
        *("IONOS", ("online.de",)),
        *("imap.ionos.de", "pop.ionos.de", "smtp.ionos.de"),
        mx=("kundenserver.de", "ionos.de", "1and1.com", "ionos.com"),
    ),
    Provider("STRATO", (), "imap.strato.de", "pop3.strato.de", "smtp.strato.de", mx=("rzone.de",)),
    Provider("OVH", (), "ssl0.ovh.net", "ssl0.ovh.net", "ssl0.ovh.net", mx=("mail.ovh.net",)),
    Provider("Gandi", (), "mail.gandi.net", "mail.gandi.net", "mail.gandi.net", mx=("mail.gandi.net",)),
    Provider("Comcast", ("comcast.net",), "imap.comcast.net", "pop.comcast.net", "smtp.comcast.net"),
    Provider(
        *("QQ Mail", ("qq.com", "foxmail.com")),
        *("imap.qq.com", "pop.qq.com", "smtp.qq.com"),
        notes=(Note("QQ Mail wants an authorization code from its settings instead of the password.", ""),),
    ),
    Provider(
        *("163", ("163.com",)),
        *("imap.163.com", "pop.163.com", "smtp.163.com"),
        notes=(Note("163 wants an authorization code from its settings instead of the password.", ""),),
    ),
    Provider(
        *("Naver", ("naver.com",)),
        *("imap.naver.com", "pop.naver.com", "smtp.naver.com:587", _LOCAL),
        notes=(_switch_on("Naver", "https://mail.naver.com"),),
    ),
    Provider("Seznam", ("seznam.cz", "email.cz"), "imap.seznam.cz", "pop3.seznam.cz", "smtp.seznam.cz"),
    Provider(
        *("WP", ("wp.pl",)),
        *("imap.wp.pl", "pop3.wp.pl", "smtp.wp.pl"),
        notes=(_switch_on("WP", "https://poczta.wp.pl"),),
    ),
    Provider("Bluewin", ("bluewin.ch",), "imaps.bluewin.ch", "pop3s.bluewin.ch", "smtpauths.bluewin.ch"),
    Provider(
        *("Proton Mail", ("proton.me", "protonmail.com", "pm.me", "protonmail.ch")),
        notes=(
            Note(
                "Proton Mail is reached through its Bridge: install it, then set the account up by hand as it says.",
                "https://proton.me/mail/bridge",
            ),
        ),
        mx=("protonmail.ch",),
    ),
    Provider(
        *("Tuta", ("tuta.com", "tutanota.com", "tutanota.de", "tuta.io", "tutamail.com", "keemail.me")),
        notes=(Note("Tuta lets no other mail program in; only its own can read mail from there.", "https://tuta.com"),),
        mx=("tutanota.de",),
    ),
)


def of_domain(domain: str) -> Provider | None:
    """The provider whose own domain this is."""
    return next((provider for provider in PROVIDERS if domain in provider.domains), None)


def of_exchanger(host: str) -> Provider | None:
    """The provider that this mail exchanger belongs to; the longest end of its name decides."""
    ends = [(len(end), provider) for provider in PROVIDERS for end in provider.mx if _within(host, end)]
    return max(ends, key=lambda entry: entry[0])[1] if ends else None


def _within(host: str, end: str) -> bool:
    return host == end or host.endswith(f".{end}")

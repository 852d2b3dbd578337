"""The beginning of a submission: greeting, EHLO, STARTTLS, AUTH (RFC 5321, 3207, 4954), and what the server offers."""

from dataclasses import dataclass, field

from qtmail.errors import LoginFailed, ProtocolError
from qtmail.model import Security, Server
from qtmail.net import sasl, tls
from qtmail.net.smtp_dialog import Dialog, Reply
from qtmail.net.smtp_replies import meaning, not_smtp

OUR_NAME = "[127.0.0.1]"
"""What EHLO says: this machine's name and address are nobody's business."""


@dataclass(frozen=True, slots=True)
class Extensions:
    """What EHLO offered: keyword in capitals -> its parameters."""

    offered: dict[str, str] = field(default_factory=dict)

    def __contains__(self, keyword: str) -> bool:
        return keyword in self.offered

    @property
    def max_size(self) -> int | None:
        """Octets the server takes in one message (RFC 1870); None: it does not say."""
        size = self.offered.get("SIZE", "")
        return int(size) if size.isascii() and size.isdigit() and int(size) else None

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """Ways to log in."""
        return tuple(self.offered.get("AUTH", "").split())


def begin(dialog: Dialog, server: Server, password: str, *, log_in: bool) -> Extensions:
    """From the greeting to where mail may be handed over. Raises what `SmtpSession.connect` says."""
    greeting = dialog.reply()
    if greeting.code != 220:
        raise not_smtp(server, greeting)
    offered = _greet(dialog)
    if server.security is Security.STARTTLS:
        offered = _protect(dialog, server, offered)
    if log_in:
        _log_in(dialog, server, password, offered)
    return offered


def _greet(dialog: Dialog) -> Extensions:
    hello = dialog.ask(f"EHLO {OUR_NAME}")
    if hello.code == 250:
        return _extensions(hello)
    if 500 <= hello.code < 600:
        hello = dialog.ask(f"HELO {OUR_NAME}")
    if hello.code != 250:
        raise meaning(dialog.wire.where, hello)
    return Extensions()


def _extensions(hello: Reply) -> Extensions:
    offered: dict[str, str] = {}
    for line in hello.lines[1:]:
        # "AUTH=LOGIN" was written before the standard came, and still is.
        keyword, _, parameters = line.strip().replace("=", " ", 1).partition(" ")
        offered[keyword.upper()] = f"{offered.get(keyword.upper(), '')} {parameters}".strip()
    return Extensions(offered)


def _protect(dialog: Dialog, server: Server, offered: Extensions) -> Extensions:
    """Never goes on in clear text. What was offered before is forgotten: anybody could have written it."""
    if "STARTTLS" not in offered:
        raise tls.no_starttls(server)
    answer = dialog.ask("STARTTLS")
    if answer.code != 220:
        raise tls.starttls_refused(server, later=400 <= answer.code < 500)
    dialog.wire.protect()
    return _greet(dialog)


def _log_in(dialog: Dialog, server: Server, password: str, offered: Extensions) -> None:
    """One attempt only: a wrong password must not count three times."""
    where, protected = dialog.wire.where, dialog.wire.protected
    mechanism = sasl.choose(offered.mechanisms, server.username, password, auth=server.auth, protected=protected)
    if not mechanism:
        offers_tls = "STARTTLS" in offered and not protected
        raise LoginFailed(
            f"{where} offers no login that is known here.",
            hint="Choose STARTTLS." if offers_tls else "If the server wants no login, leave the user name empty.",
        )
    first = f" {sasl.first(mechanism).decode()}" if mechanism.client_first else ""
    answer = dialog.ask(f"AUTH {mechanism.name}{first}")
    for _ in range(6):
        if answer.code != 334:
            break
        challenge = sasl.decode("".join(answer.lines).encode("ascii", "replace"))
        answer = dialog.ask(sasl.encode(mechanism.respond(challenge)).decode())
    if answer.code in (235, 503):
        return
    if answer.code in (530, 534, 535, 538, 501, 550, 554):
        raise sasl.wrong(where, str(answer))
    if answer.code == 334:
        raise ProtocolError(f"{where} does not come to an end with the login.")
    raise meaning(where, answer)

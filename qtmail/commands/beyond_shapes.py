"""What a message is besides its text, as JSON: keys are there only where there is something."""

from typing import TYPE_CHECKING, Any

from qtmail.commands.output import iso
from qtmail.commands.shapes import address_values

if TYPE_CHECKING:
    from qtmail.engine.answering import Beyond
    from qtmail.mime.contactcard import Card
    from qtmail.mime.invitation import Invitation, Moment
    from qtmail.mime.listmail import MailingList


def beyond_values(found: "Beyond") -> dict[str, Any]:
    """ "invitation", "cards", "list", "receipt", "signed"."""
    values: dict[str, Any] = {}
    if found.invitation is not None:
        said = found.answered.value.lower() if found.answered is not None else ""
        values["invitation"] = _invitation(found.invitation) | {"answered": said}
    if found.cards:
        values["cards"] = [_card(one) for one in found.cards]
    if found.mailing_list is not None:
        values["list"] = _list(found.mailing_list)
    if found.receipt is not None:
        values["receipt"] = {"to": found.receipt.to.address, "elsewhere": found.receipt.elsewhere}
    if found.signed_with:
        values["signed"] = found.signed_with
    return values


def _invitation(one: "Invitation") -> dict[str, Any]:
    return {
        "method": one.method.value.lower(),
        "uid": one.uid,
        "sequence": one.sequence,
        "summary": one.summary,
        "start": _moment(one.start),
        "end": _moment(one.end),
        "repeats": one.repeats,
        "where": one.where,
        "link": one.link,
        "cancelled": one.cancelled,
        "organiser": address_values([one.organiser])[0],
        "attendees": [
            {"name": who.who.name, "address": who.who.address, "answer": who.answer.value.lower()}
            for who in one.attendees
        ],
        "more": one.more,
    }


def _moment(when: "Moment | None") -> str | None:
    """A time, or a day alone for an event that lasts whole days."""
    if when is None:
        return None
    return when.day.isoformat() if when.at is None else iso(when.at)


def _card(one: "Card") -> dict[str, Any]:
    return {
        "name": one.name,
        "organisation": one.organisation,
        "addresses": list(one.mails),
        "phones": list(one.phones),
        "photo": len(one.photo),
    }


def _list(one: "MailingList") -> dict[str, Any]:
    return {
        "id": one.name,
        "unsubscribe": one.leave_web or one.leave_mail,
        "one_click": one.one_click,
        "post": one.post,
        "archive": one.archive,
        "help": one.help,
    }

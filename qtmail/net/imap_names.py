"""Mailbox names between the wire and what the user sees; LIST and NAMESPACE replies; what a folder is for."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from imapclient import imap_utf7

from qtmail.errors import Refused
from qtmail.model import Role
from qtmail.net import imap_shared
from qtmail.net.imap_shared import Foreign
from qtmail.net.imap_tokens import Malformed, Token, parse
from qtmail.net.imap_values import FolderStatus, RemoteFolder

SLASH = "\N{DIVISION SLASH}"
"""Stands for a "/" that is part of a name on a server whose levels are separated by something else."""
_SPECIAL_USE = {
    b"\\drafts": Role.DRAFTS,
    b"\\sent": Role.SENT,
    b"\\archive": Role.ARCHIVE,
    b"\\junk": Role.JUNK,
    b"\\trash": Role.TRASH,
    b"\\all": Role.ALL,
    b"\\flagged": Role.FLAGGED,
    b"\\spam": Role.JUNK,
    b"\\allmail": Role.ALL,
    b"\\starred": Role.FLAGGED,
}
"""RFC 6154, and the names XLIST had before it."""
_WELL_KNOWN: dict[Role, str] = {
    Role.SENT: "sent|sent items|sent messages|sent mail|sent-mail|gesendet|gesendete objekte|gesendete elemente"
    "|envoyés|éléments envoyés|messages envoyés|enviados|elementos enviados|itens enviados|mensagens enviadas"
    "|posta inviata|inviata|inviati|verzonden|verzonden items|verzonden berichten|wysłane|elementy wysłane"
    "|odeslané|odoslané|отправленные|надіслані|skickat|skickade|sendt|sendte elementer|lähetetyt|elküldött"
    "|gönderilmiş öğeler|gönderilenler|απεσταλμένα|已发送|已发送邮件|寄件備份|送信済み|送信済みアイテム|보낸편지함",
    Role.DRAFTS: "drafts|draft|entwürfe|entwurf|brouillons|borradores|rascunhos|bozze|concepten|wersje robocze|szkice"
    "|koncepty|rozepsané|черновики|чернетки|utkast|kladder|luonnokset|piszkozatok|taslaklar|πρόχειρα|草稿|草稿箱"
    "|下書き|임시보관함",
    Role.TRASH: "trash|deleted|deleted items|deleted messages|bin|papierkorb|gelöscht|gelöschte objekte"
    "|gelöschte elemente|corbeille|éléments supprimés|papelera|elementos eliminados|lixeira|itens excluídos|lixo"
    "|cestino|posta eliminata|prullenbak|verwijderde items|kosz|elementy usunięte|koš|kôš|корзина|удаленные|кошик"
    "|papperskorgen|borttagna objekt|papirkurv|slettet post|slettede elementer|roskakori|lomtár|çöp kutusu"
    "|κάδος απορριμμάτων|已删除|已删除邮件|垃圾桶|刪除的郵件|ゴミ箱|削除済みアイテム|휴지통",
    Role.JUNK: "junk|spam|junk e-mail|junk email|junk-e-mail|bulk mail|bulk|spamverdacht|unerwünscht|junk-mail"
    "|courrier indésirable|indésirables|pourriel|correo no deseado|no deseado|lixo eletrônico|lixo eletrónico"
    "|posta indesiderata|indesiderata|ongewenste e-mail|ongewenst|wiadomości-śmieci|nevyžádaná pošta|nevyžádané"
    "|спам|нежелательная почта|skräppost|søppelpost|uønsket e-post|uønsket mail|roskaposti|levélszemét"
    "|gereksiz e-posta|ανεπιθύμητα|垃圾邮件|垃圾郵件|迷惑メール|스팸편지함",
    Role.ARCHIVE: "archive|archives|archiv|archivo|arquivo|arquivo morto|archivio|archief|archiwum|архив|архів|arkiv"
    "|arkisto|archívum|arşiv|αρχειοθήκη|存档|封存|アーカイブ|보관함",
}
"""What servers without SPECIAL-USE and other mail programs call them. The first name found wins."""
ROLE_BY_NAME = {name.casefold(): role for role, names in _WELL_KNOWN.items() for name in names.split("|")}


@dataclass(frozen=True, slots=True)
class Namespace:
    """The personal namespace (RFC 2342): what stands before the user's own folders, and between levels."""

    prefix: str = ""
    delimiter: str = "/"
    foreign: tuple[Foreign, ...] = ()
    """Where the folders of others are."""


def decode(wire_name: bytes) -> str:
    """From modified UTF-7; a name that is not is taken as UTF-8 or Latin-1, as sloppy servers send it."""
    if not re.search(rb"[&\x80-\xff]", wire_name):
        return wire_name.decode("ascii")
    try:
        if wire_name.isascii():
            text: str = imap_utf7.decode(wire_name)
            if imap_utf7.encode(text) == wire_name:
                return text
            return wire_name.decode("ascii")
        return wire_name.decode("utf-8")
    except (ValueError, LookupError, IndexError):
        return wire_name.decode("latin-1")


def encode(name: str) -> bytes:
    """To modified UTF-7 (RFC 3501, 5.1.3)."""
    encoded: bytes = imap_utf7.encode(name)
    return encoded


def to_utf8(wire_name: bytes) -> bytes | None:
    """A name as it goes to a server after ENABLE UTF8=ACCEPT (RFC 6855, 3): quoted UTF-8; None: it goes as it is."""
    if b"&" not in wire_name:
        return None
    name = decode(wire_name)
    if encode(name) != wire_name or not name.isprintable():
        return None
    return b'"' + name.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def from_utf8(name: bytes) -> bytes:
    """The wire name we keep, in modified UTF-7, of one the server told in UTF-8: the same in every session."""
    if name.isascii() and b"&" not in name:
        return name
    try:
        return encode(name.decode("utf-8"))
    except UnicodeDecodeError:
        return name


def shown_path(wire_name: bytes, delimiter: str, namespace: Namespace) -> str:
    """The path for the user: levels by "/", the personal prefix taken off, control characters out."""
    name = decode(wire_name)
    if name.upper() == "INBOX":
        return "INBOX"
    if place := imap_shared.place_of(name, namespace.foreign):
        return "/".join(_plain(level) for level in place.levels)
    prefix = namespace.prefix
    if prefix and name.upper().startswith(prefix.upper()) and len(name) > len(prefix):
        name = name[len(prefix) :]
        if name.upper() == "INBOX":
            name = decode(wire_name)
    levels = name.split(delimiter) if delimiter else [name]
    return "/".join(_plain(level) for level in levels).strip("/") or _plain(name) or "?"


def _plain(level: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in level.replace("/", SLASH))


def wire_path(path: str, namespace: Namespace) -> bytes:
    """The server's name for a path of ours. Raises Refused for a level that it could not tell apart."""
    if path == "INBOX":
        return b"INBOX"
    delimiter = namespace.delimiter
    levels = path.split("/")
    for level in levels:
        if not level or (delimiter and delimiter in level and delimiter != "/") or not level.isprintable():
            raise Refused(
                f"A folder cannot be called “{level}” on this server.",
                hint=f"Leave out “{delimiter}”." if level and delimiter in level else "Give it a name.",
            )
    if len(levels) > 1 and not delimiter:
        raise Refused("This server has no folders within folders.", hint="Create it on the top level.")
    return encode(namespace.prefix + delimiter.join(level.replace(SLASH, "/") for level in levels))


def parse_namespace(text: Sequence[bytes]) -> Namespace:
    """Of the NAMESPACE reply: the first personal one, and all of other users and shared ones."""
    try:
        kinds = [_spaces(kind) for kind in parse(text)[1:4]]
    except Malformed:
        return Namespace()
    personal, users, shared = (*kinds, [], [], [])[:3]
    foreign = [Foreign(prefix, delimiter, True) for prefix, delimiter in users]
    foreign += [Foreign(prefix, delimiter, False) for prefix, delimiter in shared]
    own = personal[0] if personal else ("", "/")
    return Namespace(*own, tuple(one for one in foreign if one.prefix and one.prefix != own[0]))


def _spaces(kind: Token) -> list[tuple[str, str]]:
    """(prefix, delimiter) of each namespace of one kind."""
    found = []
    for one in kind if isinstance(kind, list) else []:
        match one:
            case [bytes(prefix), delimiter, *_]:
                separator = delimiter.decode("utf-8", "replace") if isinstance(delimiter, bytes) else ""
                found.append((decode(prefix), separator))
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """One LIST or LSUB reply."""

    attributes: frozenset[bytes]
    delimiter: str
    wire_name: bytes


def parse_list(parts: Sequence[bytes]) -> Listed | None:
    """Of "LIST (attributes) delimiter name [extended data]"; None for what cannot be read."""
    try:
        tokens = parse(parts)
    except Malformed:
        tokens = _sloppy(parts[0])
    if len(tokens) < 4 or not isinstance(tokens[1], list):
        return None
    name = b"NIL" if tokens[3] is None else tokens[3]
    if not isinstance(name, bytes) or not name:
        return None
    attributes = frozenset(item.lower() for item in tokens[1] if isinstance(item, bytes))
    delimiter = tokens[2].decode("utf-8", "replace") if isinstance(tokens[2], bytes) else ""
    name = name.rstrip(delimiter.encode()) or name if delimiter and attributes & {b"\\noselect"} else name
    return Listed(attributes, delimiter, name)


def _sloppy(line: bytes) -> list[Token]:
    """A LIST line whose name has quotes or brackets where they may not be: taken to the end of the line."""
    found = re.match(rb'\S+ \(([^)]*)\) (NIL|"\\?(.)") "?(.*?)"?\s*\Z', line, re.IGNORECASE | re.DOTALL)
    if not found:
        return []
    return [b"LIST", list(found[1].split()), found[3], found[4]]


def parse_status(parts: Sequence[bytes]) -> tuple[bytes, FolderStatus] | None:
    """Of "STATUS name (items)": the wire name and the numbers."""
    found = _status_items(parts)
    if found is None:
        return None
    name, items = found
    match items.get(b"MAILBOXID"):
        case [bytes(mailboxid), *_]:
            known_as = mailboxid.decode("ascii", "replace")
        case _:
            known_as = ""
    numbers = {key: int(value) for key, value in items.items() if isinstance(value, bytes) and value.isdigit()}
    return name, FolderStatus(
        numbers.get(b"MESSAGES"),
        numbers.get(b"UNSEEN"),
        numbers.get(b"UIDNEXT"),
        numbers.get(b"UIDVALIDITY"),
        numbers.get(b"HIGHESTMODSEQ"),
        known_as,
        numbers.get(b"APPENDLIMIT"),
    )


def status_size(parts: Sequence[bytes]) -> int | None:
    """SIZE (RFC 8438) of a STATUS reply, octets."""
    found = _status_items(parts)
    size = found[1].get(b"SIZE") if found else None
    return int(size) if isinstance(size, bytes) and size.isdigit() else None


def _status_items(parts: Sequence[bytes]) -> tuple[bytes, dict[bytes, Token]] | None:
    try:
        match parse(parts):
            case [_, bytes(name), [*items]]:
                pairs = zip(items[::2], items[1::2], strict=False)
                return name, {key.upper(): value for key, value in pairs if isinstance(key, bytes)}
    except Malformed:
        pass
    return None


def arrange(
    listed: Iterable[Listed],
    subscribed: Iterable[bytes] | None,
    status: dict[bytes, FolderStatus],
    namespace: Namespace,
) -> tuple[RemoteFolder, ...]:
    """Folders as the session hands them out; `subscribed` None: the LIST replies tell themselves."""
    lsub = None if subscribed is None else set(subscribed)
    made: dict[str, RemoteFolder] = {}
    for one in listed:
        path = shown_path(one.wire_name, one.delimiter, namespace)
        place = imap_shared.place_of(decode(one.wire_name), namespace.foreign)
        if path in made and made[path].wire_name != one.wire_name:
            path = _another(path, made)
        made[path] = RemoteFolder(
            one.wire_name,
            path,
            one.delimiter,
            Role.INBOX if path == "INBOX" else Role.NONE if place else _special_use(one.attributes),
            selectable=not one.attributes & {b"\\noselect", b"\\nonexistent"},
            subscribed=(b"\\subscribed" in one.attributes) if lsub is None else one.wire_name in lsub,
            status=status.get(one.wire_name),
            shared=place is not None,
            owner=place.owner if place else "",
        )
    return imap_shared.with_parents(_with_roles(made))


def _another(path: str, taken: Container[str]) -> str:
    """A path for a folder that would look like another one (with the personal prefix and without)."""
    return next(other for number in count(2) if (other := f"{path} ({number})") not in taken)


def special_use(role: Role) -> bytes | None:
    """The attribute of RFC 6154 for a role, as the server wants it at CREATE; None for those it has none for."""
    if role in (Role.NONE, Role.INBOX):
        return None
    return next((b"\\" + name[1:].title() for name, known in _SPECIAL_USE.items() if known is role), None)


def _special_use(attributes: frozenset[bytes]) -> Role:
    return next((role for attribute, role in _SPECIAL_USE.items() if attribute in attributes), Role.NONE)


def _with_roles(folders: dict[str, RemoteFolder]) -> tuple[RemoteFolder, ...]:
    """One folder a role: the one the server names, else the shallowest of a well-known name."""
    taken: set[Role] = set()
    for path, folder in folders.items():
        if folder.role in taken:
            folders[path] = replace(folder, role=Role.NONE)
        elif folder.role is not Role.NONE:
            taken.add(folder.role)
    order = list(ROLE_BY_NAME)
    candidates = []
    for path, folder in folders.items():
        level = path.removeprefix("INBOX/").removeprefix("[Gmail]/").removeprefix("[Google Mail]/")
        name = level.casefold()
        if folder.role is Role.NONE and folder.selectable and not folder.shared and name in ROLE_BY_NAME:
            candidates.append((path.count("/"), order.index(name), path))
    for _, position, path in sorted(candidates):
        role = ROLE_BY_NAME[order[position]]
        if role not in taken:
            taken.add(role)
            folders[path] = replace(folders[path], role=role)
    return tuple(folders.values())

"""A message without some of its attachments: a line of text stands where each was. Everything else keeps its octets."""

from collections.abc import Collection

from qtmail.errors import BadInput
from qtmail.mime import parts
from qtmail.mime.parts import Leaf


def without_parts(raw: bytes, indexes: Collection[int], when: str) -> bytes:
    """The message with these leaves (Part.index) replaced. `when`: the day, for the line that stands there.

    Raises BadInput for what cannot be taken out: a message that is nothing but the file, files inside winmail.dat.
    """
    leaves = parts.cut(raw).leaves
    chosen = [leaves[index] for index in sorted(set(indexes)) if 0 <= index < len(leaves)]
    if not chosen:
        raise BadInput("There is no such attachment in this message.")
    cuts = sorted((_place(leaf, raw, when) for leaf in chosen), key=lambda cut: cut[0])
    out: list[bytes] = []
    at = 0
    for start, end, stub in cuts:
        out += [raw[at:start], stub]
        at = end
    return b"".join((*out, raw[at:]))


def _place(leaf: Leaf, raw: bytes, when: str) -> tuple[int, int, bytes]:
    """(start, end, what stands there instead)."""
    if leaf.within >= 0:
        raise BadInput(
            f"“{leaf.name}” is packed together with others: it cannot be taken out alone.", hint="Save it instead."
        )
    name = leaf.name or leaf.type
    words = f"[The attachment “{name}” ({parts.size(raw, leaf):,} octets, {leaf.type}) was removed on {when}.]"
    line_end = b"\r\n" if b"\r\n" in raw[:2_000] else b"\n"
    if leaf.encoding in ("x-uuencode", "x-yenc") and leaf.disposition == "attachment" and leaf.head < 0:
        # Inside a text, whose charset is not known to take more than ASCII.
        return leaf.start, leaf.end, words.encode("ascii", "replace") + line_end
    if leaf.head <= 0:
        raise BadInput("This message is nothing but the attachment.", hint="Delete the message instead.")
    head = (
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\nContent-Disposition: inline\n\n"
        f"{words}"
    )
    return leaf.head, leaf.end, head.encode().replace(b"\n", line_end)

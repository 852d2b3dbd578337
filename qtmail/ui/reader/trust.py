"""One quiet line under the sender: whether this is who it says, with the reasons on hover."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from qtmail.engine.viewing import Standing
from qtmail.mime.authentication import Verdict
from qtmail.ui.parts.labels import ElidedLabel
from qtmail.ui.reader.load import Shown
from qtmail.ui.theme import Size, Space, Theme, Tone, mark


@dataclass(frozen=True, slots=True)
class Words:
    """The line: a sentence, what it rests on, and how it looks."""

    text: str
    reasons: str = ""
    icon: str = "user"
    tone: Tone = Tone.MUTED


def trust_words(shown: Shown) -> Words | None:
    """What to say of the author; None for the user's own mail, and where nothing is known yet."""
    author, standing = shown.author.address, shown.standing
    if standing is None or not author or author.casefold() in shown.own:
        return None
    domain = author.rpartition("@")[2]
    reasons = "\n".join(_reasons(standing))
    if standing.forged:
        text = f"{domain} does not confirm this mail: it may be forged"
        return Words(text, reasons, "alert-triangle", Tone.DANGER)
    said = [_acquaintance(standing)]
    if standing.known.verdict is Verdict.PASSED:
        signer = standing.known.signed_by
        said.append(f"signed by {signer}" if signer else f"sent by {domain}")
    elif standing.known.server:
        said.append(f"not confirmed by {domain}")
    text = "; ".join(said)
    if standing.known.verdict is Verdict.PASSED and not standing.stranger:
        return Words(text, reasons, "shield-check", Tone.SUCCESS)
    return Words(text, reasons)


def _acquaintance(standing: Standing) -> str:
    before = max(standing.heard - 1, 0)
    if standing.wrote and before:
        return f"You have exchanged {before + standing.wrote:,} mails"
    if standing.wrote:
        return "You have written to this address before"
    if before:
        return "1 mail came from this address before" if before == 1 else f"{before:,} mails came from here before"
    return "First mail from this address"


def _reasons(standing: Standing) -> list[str]:
    known = standing.known
    lines = []
    if known.server:
        results = [f"{check.method.upper()} {check.result}" + (f" ({check.domain})" if check.domain else "")
                   for check in known.checks[:8]]  # fmt: skip
        lines.append(f"Checked by {known.server}: {', '.join(results) or 'nothing found'}.")
    else:
        lines.append("Your mail server did not say whether the sender is real.")
    if known.hops:
        hops = "1 hop" if known.hops == 1 else f"{known.hops} hops"
        lines.append(f"It came over {hops}, {known.hops_encrypted} of them encrypted.")
    return lines


class TrustLine(QWidget):
    """Hidden while there is nothing to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words: Words | None = None
        self.icon = QLabel(self)
        self.icon.setFixedSize(Size.ICON, Size.ICON)
        self.label = ElidedLabel("", self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, Space.XS, 0, 0)
        row.setSpacing(Space.XS)
        row.addWidget(self.icon)
        row.addWidget(self.label, 1)
        theme.changed.connect(self._draw)
        self.hide()

    def show_message(self, shown: Shown) -> None:
        """Say what is known of its author."""
        self._words = words = trust_words(shown)
        self.setVisible(words is not None)
        if words is None:
            return
        self.label.setText(words.text)
        self.setToolTip(words.reasons)
        self.setAccessibleName(f"{words.text}. {words.reasons}")
        mark(self.label, tone="danger" if words.tone is Tone.DANGER else "small")
        self._draw()

    def _draw(self) -> None:
        if self._words is not None:
            pixmap = self._theme.pixmap(self._words.icon, self._words.tone, Size.ICON, self.devicePixelRatioF())
            self.icon.setPixmap(pixmap)

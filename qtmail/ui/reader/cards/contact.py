"""The card of a person who was sent along (vCard): who it is, and how to write to them."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from qtmail.mime.contactcard import Card
from qtmail.ui.parts.avatar import Avatar
from qtmail.ui.parts.labels import ElidedLabel
from qtmail.ui.theme import Size, Space, Theme, mark

_MOST_SIDE = 1_200
"""Pixels of a picture's side; more is no portrait."""


class ContactCard(QFrame):
    """One person. `written_to` gives the address that was chosen; `saved`: keep the file."""

    written_to = Signal(str)
    saved = Signal()

    def __init__(self, theme: Theme, card: Card, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, surface="card")
        self.setAccessibleName(f"Contact: {card.name}")
        name = ElidedLabel(card.name, self)
        mark(name, tone="heading")
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(name)
        for text in (", ".join(filter(None, (card.title, card.organisation))), *card.mails[:3], *card.phones[:3]):
            lines.addWidget(self._line(text)) if text else None
        for text in card.addresses[:1]:
            lines.addWidget(self._line(text))
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        for words, icon, act in (
            ("Write to", "pencil", lambda: self.written_to.emit(card.mails[0])),
            ("Save …", "device-floppy", self.saved.emit),
        ):
            if icon == "pencil" and not card.mails:
                continue
            button = QPushButton(words, self)
            button.setAutoDefault(True)
            mark(button, kind="plain" if icon == "pencil" else "quiet")
            button.clicked.connect(act)
            buttons.addWidget(button)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        row.setSpacing(Space.M)
        row.addWidget(self._portrait(theme, card), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(lines, 1)
        row.addLayout(buttons)

    def _line(self, text: str) -> ElidedLabel:
        label = ElidedLabel(text, self)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        mark(label, tone="muted")
        return label

    def _portrait(self, theme: Theme, card: Card) -> QWidget:
        """The picture that came with it; else initials."""
        side = 2 * Size.AVATAR
        scale = self.devicePixelRatioF()
        image = _small(card.photo, round(side * scale))
        if image.isNull():
            avatar = Avatar(theme)
            avatar.set_person(card.name, next(iter(card.mails), ""))
            return avatar
        image.setDevicePixelRatio(scale)
        picture = QLabel(self)
        picture.setPixmap(QPixmap.fromImage(image))
        picture.setAccessibleName(f"Picture of {card.name}")
        return picture


def _small(data: bytes, side: int) -> QImage:
    """The picture no larger than that; a null one where it is none, or so large that reading it would take long."""
    octets = QByteArray(data)
    source = QBuffer(octets)
    source.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(source)
    size = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > _MOST_SIDE:
        return QImage()
    reader.setScaledSize(size.scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()

"""Sound and film from an attachment, played from memory: nothing is written, nothing fetched."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt, QUrl
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer
from PySide6.QtMultimediaWidgets import QVideoWidget
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from qtmail.ui.theme import Space, Theme, mark


class Player(QWidget):
    """Imported with the first sound or film that is looked at (20 MB that most sessions never need)."""

    def __init__(self, theme: Theme, name: str, data: bytes, *, film: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._buffer = QBuffer(self)
        self._buffer.setData(QByteArray(data))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self.sound = QAudioOutput(self)
        self.player = QMediaPlayer(self)
        self.player.setAudioOutput(self.sound)
        self.note = QLabel("", self)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        mark(self.note, tone="muted")
        self.button = QPushButton("Play", self)
        theme.dress(self.button, "music" if not film else "movie")
        self.button.clicked.connect(self._turn)
        self.place = QSlider(Qt.Orientation.Horizontal, self)
        self.place.setAccessibleName("Position")
        self.place.sliderMoved.connect(self.player.setPosition)
        self.player.durationChanged.connect(lambda length: self.place.setMaximum(int(length)))
        self.player.positionChanged.connect(lambda at: self.place.setValue(int(at)))
        self.player.playbackStateChanged.connect(self._name_button)
        self.player.errorOccurred.connect(self._complain)
        line = QHBoxLayout()
        line.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        line.addWidget(self.button)
        line.addWidget(self.place, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        if film:
            screen = QVideoWidget(self)
            screen.setAccessibleName(name)
            self.player.setVideoOutput(screen)
            column.addWidget(screen, 1)
        else:
            column.addStretch(1)
        column.addWidget(self.note)
        column.addLayout(line)
        if not film:
            column.addStretch(1)
        # The name only tells the decoder what kind it may be: everything is read from the buffer.
        self.player.setSourceDevice(self._buffer, QUrl(f"mail-body:/{name.rpartition('.')[2]}"))

    def _turn(self) -> None:
        if self.player.playbackState() is QMediaPlayer.PlaybackState.PlayingState:
            self.player.pause()
        else:
            self.player.play()

    def _name_button(self, state: QMediaPlayer.PlaybackState) -> None:
        self.button.setText("Pause" if state is QMediaPlayer.PlaybackState.PlayingState else "Play")

    def _complain(self, _error: object, _words: str) -> None:
        self.note.setText("This cannot be played here. Open it with another program.")

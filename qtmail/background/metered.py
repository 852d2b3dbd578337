"""Whether this computer's connection is paid for by the octet, as the system tells it."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QNetworkInformation

from qtmail.events import Metered


class Meter(QObject):
    """Says `Metered` whenever that changes, and at the beginning where it is so. Costs nothing in between: the system
    calls. Where it cannot tell, nothing is metered."""

    changed = Signal(object)

    def begin(self) -> None:
        """From now on."""
        if not QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Metered):
            return
        known = QNetworkInformation.instance()
        known.isMeteredChanged.connect(self.tell)
        if known.isMetered():
            self.tell(True)

    def tell(self, metered: bool) -> None:
        """Pass it on."""
        self.changed.emit(Metered(metered))

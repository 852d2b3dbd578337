"""Network receipts: every host that was contacted, on one page."""

from qtmail.ui.network.window import NetworkWindow

__all__ = ["NetworkWindow"]

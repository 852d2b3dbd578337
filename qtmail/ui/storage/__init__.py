"""Taking care of the store, on screen: room, checking and repairing, encryption, and what comes before the window."""

from qtmail.ui.storage.window import StorageWindow

__all__ = ["StorageWindow"]

"""What waits to be sent: the banner that counts down and asks, and the window that lists it all.

May import what every part of ui may; the composer and the main window know it, not the other way round.
"""

from qtmail.ui.outbox.banner import OutboxBanner
from qtmail.ui.outbox.window import OutboxWindow

__all__ = ["OutboxBanner", "OutboxWindow"]

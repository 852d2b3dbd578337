"""The tour: walks the demo by itself, step by step as a user would, and saves a picture of each.

It drives the real window over the real engine and servers; nothing in here is faked. May import qtmail.ui.*, the
engine facade and the values below.
"""

from qtmail.ui.tour.player import Tour

__all__ = ["Tour"]

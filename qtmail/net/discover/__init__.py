"""From an address to its servers: known providers, the domain's own word, Mozilla's list, DNS, and careful guessing.

No password is used here and the address is told to nobody: only its domain is asked about. Every answer that would send
a password over an open line is left out. May import what net may.
"""

from qtmail.net.discover.search import Attempt, Sources, discover
from qtmail.net.discover.values import Found, Note, Offer, Service, Via

__all__ = ["Attempt", "Found", "Note", "Offer", "Service", "Sources", "Via", "discover"]

"""qtmail: a desktop mail client that keeps every message, never waits and explains itself.

`ARCHITECTURE.md` beside this file is the one-page picture; `pyproject.toml` holds the import rules.
"""

__version__ = "0.1.0"

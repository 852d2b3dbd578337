"""The window a mail is written in. Nothing typed is ever lost: it is in the store's journal within seconds.

May import qtmail.ui.*, the engine facade, mime and the values below.
"""

from qtmail.ui.composer.mailto import draft_of_mailto
from qtmail.ui.composer.showing import open_composer
from qtmail.ui.composer.window import ROWS_MIME, ComposerWindow

__all__ = ["ROWS_MIME", "ComposerWindow", "draft_of_mailto", "open_composer"]

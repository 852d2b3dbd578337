"""The pane that shows one message: header, banners, body, attachments; and the windows for its source and story.

May import qtmail.ui.*, the engine facade, mime and the values below. Nothing in here opens a socket: what HTML
mails refer to outside themselves is not loaded, by four walls (see web.py).
"""

from qtmail.ui.reader.pane import ReaderPane
from qtmail.ui.reader.web import prepare_web_engine

__all__ = ["ReaderPane", "prepare_web_engine"]

"""Looking at what is attached to the mail being written."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from qtmail.engine.mail import Mail
from qtmail.errors import BadInput
from qtmail.model import AttachmentRef
from qtmail.ui.reader.files import Copies, runs


def open_copy(mail: Mail, copies: Copies, ref: AttachmentRef) -> None:
    """Show a private copy in the system's program. Raises BadInput (it could run; the disk is full) or StoreError."""
    if runs(ref.name):
        raise BadInput(f"“{ref.name}” could run on your computer: it is not opened from here.")
    try:
        path = copies.put(ref.name, mail.content(ref.content))
    except OSError as error:
        raise BadInput(f"“{ref.name}” cannot be opened: {error.strerror}.", hint="Is the disk full?") from error
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        raise BadInput(f"No program opens “{ref.name}”.")

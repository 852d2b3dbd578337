"""Words of a PDF, by pypdf: pure Python, so that no fault in it can do more than be slow (see extract.py)."""

import io
import logging

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from qtmail.mime.unreadable import Unreadable

MOST_PAGES = 500

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it complains about every bad file, at length


def text(data: bytes, limit: int) -> str:
    """Of the first pages, until there are `limit` characters. A page that cannot be read is passed over. Raises
    Unreadable, and what pypdf raises on hostile files (any of Python's errors)."""
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("it is locked by a password")
        count = min(len(reader.pages), MOST_PAGES)
    except PyPdfError as error:
        raise Unreadable("it is damaged") from error
    found: list[str] = []
    length = problems = 0
    for number in range(count):
        try:
            page = reader.pages[number].extract_text()
        except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            problems += 1
            continue
        found.append(page)
        length += len(page)
        if length > limit:
            break
    if problems and not length:
        raise Unreadable("none of its pages can be read")
    return "\n".join(found)

"""The pictures of a mail the user wants to see: fetched side by side, what fails is left out."""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from qtmail.errors import MailError
from qtmail.net.remote import RemotePicture, fetch_picture

__all__ = ["MOST", "RemotePicture", "fetch"]

log = logging.getLogger(__name__)

MOST = 200
"""Pictures of one mail; a mail with more was not made to be read."""
_AT_ONCE = 6


def fetch(urls: Iterable[str], *, private_allowed: bool = False) -> dict[str, RemotePicture]:
    """Those of these http(s) pictures that can be had. Never raises for a server's fault; takes as long as it takes:
    call it off the window's thread."""
    wanted = list(dict.fromkeys(urls))[:MOST]
    if not wanted:
        return {}

    def one(url: str) -> RemotePicture | None:
        try:
            return fetch_picture(url, private_allowed=private_allowed)
        except MailError as error:
            log.info("a picture is not shown: %s", error)
            return None

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="pictures") as pool:
        answers = zip(wanted, pool.map(one, wanted), strict=True)
        return {url: picture for url, picture in answers if picture is not None}

"""The pictures of a mail the user wants to see: fetched side by side, what fails is left out."""

import logging
import queue
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from qtmail.engine.picture_cache import PictureCache
from qtmail.errors import MailError

if TYPE_CHECKING:
    from qtmail.net.remote import RemotePicture

__all__ = ["MOST", "fetch"]

log = logging.getLogger(__name__)

MOST = 200
"""Pictures of one mail; a mail with more was not made to be read."""
_AT_ONCE = 6


def fetch(
    urls: Iterable[str],
    *,
    cache: PictureCache | None = None,
    private_allowed: bool = False,
    stop: threading.Event | None = None,
) -> "dict[str, RemotePicture]":
    """Those of these http(s) pictures that can be had, from the cache where they are there. Never raises for a
    server's fault.

    Takes as long as the servers take: call it off the window's thread. Once `stop` is set it returns at once with
    what is there; a request under way ends by itself.
    """
    wanted = list(dict.fromkeys(urls))[:MOST]
    todo: queue.SimpleQueue[str] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[str, RemotePicture | None]] = queue.SimpleQueue()
    stop = stop or threading.Event()
    for url in wanted:
        todo.put(url)

    def work() -> None:
        while not stop.is_set():
            try:
                url = todo.get_nowait()
            except queue.Empty:
                return
            done.put((url, _one(url, cache, private_allowed=private_allowed)))

    for number in range(min(_AT_ONCE, len(wanted))):
        # Daemons: a server that dawdles shall not keep the program from ending.
        threading.Thread(target=work, name=f"picture {number}", daemon=True).start()
    found: dict[str, RemotePicture] = {}
    left = len(wanted)
    while left and not stop.is_set():
        try:
            url, picture = done.get(timeout=0.05)
        except queue.Empty:
            continue
        left -= 1
        if picture is not None:
            found[url] = picture
    return found


def _one(url: str, cache: PictureCache | None, *, private_allowed: bool) -> "RemotePicture | None":
    from qtmail.net.remote import RemotePicture, fetch_picture  # HTTP and TLS: 40 ms that most sessions never need

    if cache is not None and (kept := cache.get(url)) is not None:
        return RemotePicture(*kept)
    try:
        found = fetch_picture(url, private_allowed=private_allowed)
    except MailError as error:
        log.info("a picture is not shown: %s", error)
        return None
    if cache is not None:
        cache.put(url, found.type, found.data)
    return found

"""One mail among others in one document: its HTML in a shadow tree, where its style sheet touches nothing else.

A declarative shadow root (HTML, `<template shadowrootmode>`) is made by the parser, so no script is needed. What a
shadow tree's sheet can still reach is its host (`:host`): such selectors are disarmed here, and the page puts the host
into a box that clips.
"""

import re

ROOT = "mail"
"""The class of the element that stands for the mail's <body>."""

_SHEET = re.compile(r"^<style>(.*?)</style>", re.DOTALL)
_HEAD = re.compile(r"([^{}]+)\{")
_OUTSIDE = re.compile(r":host\b(?:-context)?|::slotted\b|:root\b", re.IGNORECASE)
_WHOLE = re.compile(
    r"(?<![\w.#:\[\"'=-])(?:html\s*>?\s*)?body(?![\w-])|(?<![\w.#:\[\"'=-])html(?![\w-])", re.IGNORECASE
)


def isolated(fragment: str, css: str) -> str:
    """A sanitised fragment (its filtered <style> first, as `html.sanitise` writes it) as a shadow tree.

    css: the rules it starts from; `.mail` there is what <body> would be.
    """
    found = _SHEET.match(fragment)
    sheet, body = (_HEAD.sub(_rehead, found[1]), fragment[found.end() :]) if found else ("", fragment)
    return f'<template shadowrootmode="open"><style>{css}{sheet}</style><div class="{ROOT}">{body}</div></template>'


def _rehead(found: re.Match[str]) -> str:
    """Rules for <html> and <body> are for the root; those for what is around the tree are for nobody."""
    head = found[1]
    if head.lstrip().startswith("@"):
        return found[0]
    return _WHOLE.sub(f".{ROOT}", _OUTSIDE.sub(":not(*)", head)) + "{"

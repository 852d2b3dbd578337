"""The few things that must be asked of, or done to, a page that is shown. They run in a world of their own.

JavaScript is off for mail, and stays so: these are our words alone, in Chromium's isolated "application world", which
shares nothing with the page but its elements. They put in what is sanitised, scroll, measure; they load nothing.
"""

import json
from collections.abc import Mapping, Sequence

READABLE = 60
"""Pixels of a message that must be in sight before it counts as seen."""
LEAST_FITTING = 0.6
"""Smaller than this nobody reads: then one scrolls sideways."""

FIT = f"""
for (const frame of document.querySelectorAll(".frame")) {{
  const host = frame.firstElementChild;
  host.style.zoom = "";
  const room = host.clientWidth;
  if (room && host.scrollWidth > room + 1)
    host.style.zoom = Math.max({LEAST_FITTING}, room / host.scrollWidth);
}}
"""
"""Mails made for a fixed width, in a page of several: each is shown smaller where it would not fit."""

SWEEP = 'if (typeof gc === "function") gc();'
"""Free what earlier mails left: where no script runs, Chromium sees no reason to (6 MB for each 100 KB newsletter)."""


def amend(pieces: Mapping[str, str]) -> str:
    """Put these insides into the elements of these ids."""
    return f"""
const pieces = {json.dumps(dict(pieces))};
for (const id in pieces) {{
  const element = document.getElementById(id);
  if (element) element.setHTMLUnsafe(pieces[id]);
}}
{FIT}
"""


def go_to(name: str) -> str:
    """Scroll there, and mark it as the one that commands are about."""
    return f"""
const target = document.getElementById({json.dumps(name)});
for (const other of document.querySelectorAll(".current")) other.classList.remove("current");
if (target) target.classList.add("current");
if (target) window.scrollTo(0, target.getBoundingClientRect().top + window.scrollY - 8);
"""


def in_sight(names: Sequence[str]) -> str:
    """-> those of these elements of which enough can be seen, joined by blanks."""
    return f"""
return {json.dumps(list(names))}.filter((id) => {{
  const element = document.getElementById(id);
  if (!element) return false;
  const box = element.getBoundingClientRect();
  const seen = Math.min(box.bottom, window.innerHeight) - Math.max(box.top, 0);
  return seen >= Math.min({READABLE}, box.height);
}}).join(" ");
"""

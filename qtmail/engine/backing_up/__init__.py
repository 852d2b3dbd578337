"""Backups: every message as an open Maildir, with its SHA-256 in its name and in a manifest, proven after writing.

layout     what is where in a backup, and what files are called
backup     brings one up to date: hard work for what is new only
restore    merges one into a profile
rehearsal  restores into a profile of its own that goes afterwards, and compares
status     what was done when, and whether it is time again
"""

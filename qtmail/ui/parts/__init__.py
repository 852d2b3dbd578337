"""Small widgets that several places share: banner, avatar, attachment card, empty state, eliding label, wrapping row.

May import qtmail.ui's foundations and the values below, and no other part of the window.
"""

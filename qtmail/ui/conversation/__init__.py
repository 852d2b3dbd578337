"""The conversation view: all messages of a thread in one scroll, in the reader's body.

A page is made of the messages (`webpage` for Qt WebEngine, `textpage` for QTextBrowser), each a box that can be opened
and folded; what a click on its words and buttons wants comes back as a link of our own scheme (`words`).
"""

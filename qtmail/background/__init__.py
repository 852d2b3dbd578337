"""The engine process and the window's link to it: QThreads around Qt-free work, JSON lines in between.

QtCore only, and QtNetwork for what the system knows of the connection. May import engine and all below it; nothing
of ui.
"""

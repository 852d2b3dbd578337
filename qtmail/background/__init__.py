"""The engine process and the window's link to it: QThreads around Qt-free work, JSON lines in between.

QtCore only. May import engine and all below it; nothing of ui.
"""

"""Everything on screen: the only package that may import QtGui, QtWidgets and QtWebEngine.

May import qtmail.engine (the facade), settings, accounts, operations, events, model, errors and paths, never store or
net.
Every look comes from `theme`.
"""

"""The local store: the only place with SQL. Facts in one database, immutable content in another.

May import model, errors, paths, operations, events, settings, log and apsw; nothing of net, mime, engine or Qt.
"""

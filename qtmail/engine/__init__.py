"""Decisions over time, without Qt: what to sync, replay and send, and the facade everything above acts through.

May import store, net, mime and all below them.
"""

"""The command line: one module a command, over the same facade as the window.

May import engine, background and everything below them; never ui or Qt. Each command module has `configure(parser)`
and `run(context, options) -> exit code`, and imports what is heavy inside `run`.
"""

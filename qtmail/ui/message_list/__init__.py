"""The message list: the pane, its table and header, the model behind them, what paints a row, and messages dragged.

May import qtmail.ui's foundations (theme, icons, actions, dates, places, reading) and parts, the engine facade and
the values below; never the sidebar, the reader or the window.
"""

"""Messages outside the main pane: in tabs of the main window, and in windows of their own.

A `MessagePage` is a reader with a row of buttons; `Tabs` and `MessageWindow` hold such pages; `Pages` opens them for
the main window, routes its actions to the page in front, and brings the tabs back at the next start.
"""

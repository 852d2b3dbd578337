"""What the main window is made of beside its three panes: toolbar, status line, toast, dialogs, how it was left.

`main_window` puts these together. May import the other packages of qtmail.ui.
"""

"""The sidebar: from folders and accounts to lines, their Qt model, the tree that shows them and what paints them.

May import qtmail.ui's foundations, what a dragged message looks like, the engine facade and the values below.
"""

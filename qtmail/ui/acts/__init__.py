"""What the user does, from the click to the facade and the words that tell it: to messages, to folders, in writing.

May import the parts of the window it speaks to, the engine facade and the values below.
"""

"""Searching: the box, the strip above the results, and what joins both with the message list."""

"""An attachment without words for the search index."""


class Unreadable(Exception):
    """Why, in words that go on after “could not be read:”."""

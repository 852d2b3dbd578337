"""The preferences window: a page for each area, made from the declarations in settings.py."""

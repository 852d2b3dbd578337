"""Everything by keyboard: the panel to find folders and actions by typing, the palette, the sheet of shortcuts."""

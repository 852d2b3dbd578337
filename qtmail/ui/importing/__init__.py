"""Taking mail in from files and other programs, and writing it out: dialogs around commands that run by themselves."""

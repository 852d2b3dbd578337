"""The Backup page of the preferences."""

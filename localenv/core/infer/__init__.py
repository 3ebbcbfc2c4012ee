"""Guessing, from what a database says of its tables, how rows for them are generated."""

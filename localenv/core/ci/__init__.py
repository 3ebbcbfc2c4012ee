"""``ci``: what its command is told, and what is told of it. Pure: no file is written here."""

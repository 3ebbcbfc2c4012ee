"""One module per dangerous thing. Nothing here decides what is wanted."""

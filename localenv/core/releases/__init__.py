"""Releases: what was built once, and the rules by which it goes from tier to tier."""

"""Fern & Kettle: a small shop of five processes, one image."""

"""Rows for tables: every value is a function of seed, table, column and row, and of nothing else.

Values are made for a block of rows at a time: one hash gives the draws of a column for the whole block, and the draws
pick from tables that were made once (``sources.py``). What a column's source is made from stands in ``builders.py``,
what holds between tables in ``plan.py``.
"""

"""Argument lists of the programs that localenv runs: values, tested whole, run by one adapter."""

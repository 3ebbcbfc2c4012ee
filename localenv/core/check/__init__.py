"""The allow-list over the resolved model: what may run in several copies. One module per concern; all of it pure.

What is neither known harmless nor refused with a reason of its own is refused by its name, so that nothing slips
through by being new.
"""

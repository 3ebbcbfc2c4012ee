"""Generated rows on their way into a running data service: one module for each engine."""

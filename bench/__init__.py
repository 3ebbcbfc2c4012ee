"""The figures that localenv promises, each measured beside its rival in one run."""

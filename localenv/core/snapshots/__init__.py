"""Snapshots as values: what a manifest says, how one is chosen, and what nothing needs any more. No I/O."""

"""Builds adapters and hands them to actions. The only place that knows everything."""

"""Click commands: parse, call one action, render. No logic."""

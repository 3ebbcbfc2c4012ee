"""Values and pure functions. No input or output, no clock, no environment variables."""

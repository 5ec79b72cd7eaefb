"""The gate: run the tests that a change can reach, and keep which passed on which files."""

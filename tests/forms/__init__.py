"""Pairs whose ``forward`` takes and returns all that networks take and return."""

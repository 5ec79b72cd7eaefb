"""Checkpoint files read and written tensor by tensor; no framework is imported here."""

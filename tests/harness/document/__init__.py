"""The migration document's own scripts, written as it has them, and declared as pairs."""

"""The commands of ``python -m harness``, one module each; imported only when they run."""

"""The only formatters: Verdicts in, text out."""

"""Seeded bugs: real migration mistakes planted into correct ports, and controls that are none.

Ids that start with a letter and two digits follow the project's bug catalogue; ``X_`` marks others.
"""

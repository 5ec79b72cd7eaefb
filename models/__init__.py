"""Pairs of PyTorch and MindSpore implementations, one folder each."""

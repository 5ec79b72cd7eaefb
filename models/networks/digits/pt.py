"""The package ccexam's own classifiers of digits, whose trained weights it ships."""

from ccexam.models import SVHNNet, USPSNet

__all__ = ["SVHNNet", "USPSNet"]

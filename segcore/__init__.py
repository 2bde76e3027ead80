"""Reproducible customer segmentation: order extracts → classes → segments → moves → reports."""

__version__ = "0.1.0"

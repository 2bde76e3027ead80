"""Reproducible customer segmentation: order extracts → classes → segments → moves → reports."""

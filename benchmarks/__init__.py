"""Measured speed and quality, printed as tables; no pass or fail on time."""

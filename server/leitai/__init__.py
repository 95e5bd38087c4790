"""Leitai 擂台: a real-time contest server."""

__version__ = "0.1.0"

"""Logs: their rows, searches and words."""

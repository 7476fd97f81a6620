"""Estimates of the remaining time, and detection of possible problems."""

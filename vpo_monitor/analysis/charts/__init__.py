"""Data of the timeline and the statistics, for charts and tables."""

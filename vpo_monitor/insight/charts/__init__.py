"""What was, as charts and tables show it: the timeline and the statistics."""

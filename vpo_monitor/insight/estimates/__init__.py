"""What will be: estimates of the time that is left, and suspicions that something is wrong."""

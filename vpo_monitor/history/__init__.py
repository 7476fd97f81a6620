"""Monitor jobs: their state, their events, and when monitoring was interrupted."""

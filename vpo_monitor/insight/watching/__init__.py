"""What anyone has watched: each job, what happened to it, and when nobody looked."""

"""Job logs: position, search, rows and messages."""

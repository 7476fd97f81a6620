"""What viewers take along: tables as files that explain themselves and execute nothing."""

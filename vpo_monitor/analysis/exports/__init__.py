"""Exports of tables as self-describing files without executable content."""

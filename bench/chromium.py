"""How Chromium is started for measurements, and with more flags for tests."""

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")

"""The periods that VPO's `since` parameter accepts."""

from datetime import timedelta

SINCE = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}

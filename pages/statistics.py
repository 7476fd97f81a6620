"""What VPO has done, over a time of the viewer's choice."""

import streamlit as st

from vpo_monitor.insight.reader import Reader
from vpo_monitor.polling import queries
from vpo_monitor.views.live import live
from vpo_monitor.views.missing import missing
from vpo_monitor.views.shell import open_page
from vpo_monitor.views.statistics_view import policies_table, totals, trends_chart

_MAX_AGE = 60.0
_PERIODS = {"24h": "24 hours", "7d": "7 days", "30d": "30 days", None: "All time"}

shell = open_page("Statistics")
since = st.segmented_control(
    "Time", list(_PERIODS), format_func=_PERIODS.__getitem__, default="30d", key="stats-since"
)


def draw(reader: Reader) -> None:
    """Draw totals, trend and policies."""
    totals_known = reader.read(queries.stats_summary(since=since), _MAX_AGE)
    summary = totals_known.data
    trends = reader.read(queries.stats_trends(since=since, group_by="day"), _MAX_AGE).data
    policies = reader.read(queries.stats_policies(since=since), _MAX_AGE).data
    st.caption("Files that went through a policy. Scans and moves are not among them.")
    if summary is None or trends is None or policies is None:
        missing("Part of the statistics", totals_known)
    if summary is not None:
        totals(summary)
    if trends is not None:
        trends_chart(trends)
    if policies is not None:
        policies_table(policies)


live(shell, draw)

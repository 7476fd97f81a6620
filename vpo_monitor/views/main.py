"""The script that Streamlit runs for each viewer and page."""

from vpo_monitor.views.frame import run_page

run_page()

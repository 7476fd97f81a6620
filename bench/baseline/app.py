"""The page that a tutorial would write: what VPO Monitor is measured against.

The whole page is drawn again every 5 s, each session asks the server by itself, all settings are
Streamlit's own. `?job=ID` shows one job with its log.
"""

import os

import pandas as pd
import requests
import streamlit as st
from streamlit_autorefresh import st_autorefresh

URL = os.environ["VPO_MONITOR_API_URL"]

st.set_page_config(page_title="Jobs", layout="wide")
st_autorefresh(interval=5000, key="refresh")
st.title("Jobs")


def get(path: str, **params: int) -> requests.Response:
    """What the server answers."""
    return requests.get(URL + path, params=params, timeout=15)


health = get("/health").json()
st.metric("Queued", health["jobs_queued"])
job = st.query_params.get("job")
if job is None:
    answer = get("/api/jobs", limit=100)
    if answer.ok:
        frame = pd.DataFrame(answer.json()["jobs"])
        st.dataframe(frame)
    else:
        st.error(answer.text)
else:
    detail, log = get(f"/api/jobs/{job}"), get(f"/api/jobs/{job}/logs", lines=500)
    if detail.ok and log.ok:
        st.json(detail.json())
        st.text_area("Log", "\n".join(log.json()["lines"]), height=400)
    else:
        st.error(detail.text if not detail.ok else log.text)

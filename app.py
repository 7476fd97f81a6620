"""VPO Monitor as one ASGI app: what the process consists of.

Start it with `streamlit run app.py`, or `uvicorn app:app`.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from vpo_monitor import process, services, streamlit_patches
from vpo_monitor.app_files import MAIN_SCRIPT, STYLESHEET
from vpo_monitor.exposure import NO_PASSWORD
from vpo_monitor.web.layer import ServerOptions, WebLayer
from vpo_monitor.web.pages import THEME_COLORS

settings = services.load_settings()
web = WebLayer(
    settings,
    ServerOptions(
        address=st.get_option("server.address"),
        base_path=st.get_option("server.baseUrlPath"),
        allowed_hosts=tuple(st.get_option("server.allowedHosts")),
        allow_no_password=NO_PASSWORD in sys.argv,
        stylesheet=STYLESHEET.read_text("utf-8"),
        theme={
            kind: {color: st.get_option(f"theme.{kind}.{color}") for color in THEME_COLORS}
            for kind in ("light", "dark")
        },
    ),
    targets=services.metrics_targets,
)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Open what lives as long as the process; close it in reverse order."""
    process.set_up()
    streamlit_patches.apply()
    with services.running(settings) as running:
        await asyncio.to_thread(running.open)  # looking for a VPO may take 2 s
        process.warm_up()
        yield


app = st.App(MAIN_SCRIPT, lifespan=lifespan, middleware=web.middleware(), routes=web.routes())

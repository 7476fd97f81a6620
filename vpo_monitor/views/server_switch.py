"""The server menu, and links that keep the current server."""

import streamlit as st

from vpo_monitor.views.navigation import keep_in_address
from vpo_monitor.views.server_choice import PARAMETER, server_names
from vpo_monitor.views.unseen import unseen

# Plain links, which open a new session. Their URLs are computed just before use, as filters and
# Back change the page's URL.
_switch = st.components.v2.component(
    "vpo_monitor_server_switch",
    html='<nav aria-label="Servers"></nav>',
    css="""
    nav { display: flex; flex-wrap: wrap; gap: .25rem; font: .875rem var(--st-font); }
    a { padding: .2rem .6rem; color: var(--st-text-color); text-decoration: none; max-width: 100%;
      box-sizing: border-box; border: 1px solid var(--st-border-color);
      border-radius: var(--st-base-radius); overflow-wrap: anywhere; }
    a:hover { border-color: var(--st-primary-color); }
    a[aria-current] { font-weight: 600; border-color: var(--st-primary-color);
      background: color-mix(in srgb, var(--st-primary-color) 15%, transparent); }
    a:focus-visible { outline: 2px solid var(--st-primary-color); }
    """,
    js="""
    const OF_ONE_SERVER = ["page", "selected", "id", "line"];
    const addressAt = (name) => {
      const url = new URL(location);
      url.pathname = url.pathname.replace(/\\/job\\/?$/, "/jobs");  // a job belongs to one server
      for (const parameter of OF_ONE_SERVER) url.searchParams.delete(parameter);
      url.searchParams.set("server", name);
      return url.href;
    };
    export default function ({ data, parentElement }) {
      parentElement.querySelector("nav").replaceChildren(...data.names.map((name) => {
        const link = document.createElement("a");
        link.textContent = name;
        if (name === data.current) link.ariaCurrent = "true";
        else {
          const aim = () => { link.href = addressAt(name); };
          aim();
          for (const kind of ["pointerover", "pointerdown", "focus", "click"])
            link.addEventListener(kind, aim);
        }
        return link;
      }));
    }
    """,
)

# Adds the server to all links within the app, including Streamlit's own, so that they also work in
# a new tab and for other people.
_links = st.components.v2.component(
    "vpo_monitor_server_links",
    js="""
    const below = (path) => path.replace(/\\/(jobs|job|timeline|statistics|server)?\\/?$/, "");
    export default function ({ data, parentElement }) {
      parentElement.stop?.();  // it may be called more than once
      const aim = (event) => {
        const link = event.composedPath().find((one) => one.localName === "a" && one.href);
        if (!link) return;
        const url = new URL(link.href);
        const isWithin = url.origin === location.origin
          && below(url.pathname) === below(location.pathname);
        if (!isWithin || url.searchParams.has("server")) return;
        const written = link.getAttribute("href");
        const name = encodeURIComponent(data.name);
        link.href = written + (written.includes("?") ? "&" : "?") + "server=" + name;
      };
      const kinds = ["pointerover", "pointerdown", "focusin", "click"];
      for (const kind of kinds) addEventListener(kind, aim, true);
      parentElement.stop = () => {
        for (const kind of kinds) removeEventListener(kind, aim, true);
      };
      return parentElement.stop;
    }
    """,
)


def server_switch(current: str) -> None:
    """Draw a link to the same page on each server; the `current` one is marked."""
    _switch(key="server-switch", data={"names": server_names(), "current": current})


def mark_current_server(current: str, *, is_asked_for: bool) -> None:
    """Show the page's server, and keep it in the URL and in all links within the app.

    If the URL names an unknown server (not `is_asked_for`), it is left unchanged.
    """
    with st.container(key="server-name"):
        st.text(current)
    with unseen("server"):
        keep_in_address(PARAMETER, current if is_asked_for else None, key="server-address")
        _links(key="server-links", data={"name": current})

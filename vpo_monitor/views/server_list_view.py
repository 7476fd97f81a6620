"""The list of all servers, shown at the top of the overview if there are several."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from vpo_monitor.insight.connection import Connection
from vpo_monitor.insight.number_format import count
from vpo_monitor.insight.reader import Reader, ReaderMemory
from vpo_monitor.insight.server_state import OtherServer, ServerState, read_server_states
from vpo_monitor.polling.poller import Poller
from vpo_monitor.views.connection_badge import colour_of
from vpo_monitor.views.kiosk import is_kiosk
from vpo_monitor.views.live_memory import live_memory
from vpo_monitor.views.local_time import hour_and_minute
from vpo_monitor.views.servers import effective_settings, monitored_servers
from vpo_monitor.views.viewer_polling import polling_for

_NOT_ANSWERING = frozenset({Connection.OFFLINE, Connection.RECONNECTING, Connection.SHUTTING_DOWN})

# Plain links, as in the menu, which open a new session.
_list = st.components.v2.component(
    "vpo_monitor_server_list",
    html='<ul aria-label="All servers"></ul>',
    css="""
    ul { list-style: none; margin: 0; padding: 0; font: .9rem/1.5 var(--st-font);
      color: var(--st-text-color); border: 1px solid var(--st-border-color);
      border-radius: var(--st-base-radius); font-variant-numeric: tabular-nums; }
    li { display: grid; grid-template-columns: 8rem 10rem 15rem 1fr; gap: 0 .75rem;
      align-items: baseline; padding: .4rem .75rem; }
    li + li { border-top: 1px solid var(--st-border-color); }
    li[aria-current] a { color: var(--st-text-color); }
    li > * { min-width: 0; overflow-wrap: anywhere; }
    a { font-weight: 600; color: var(--st-link-color); text-decoration: none; }
    a[href]:hover { text-decoration: underline; }
    b { padding: .15rem .55rem; border-radius: 1rem; font-size: .8rem; font-weight: 600; }
    .runs { font-size: .8rem; opacity: .85; white-space: nowrap; overflow: hidden;
      text-overflow: ellipsis; }  /* one line, so that nothing below moves */
    .old { opacity: .65; }
    .green { background: var(--st-green-background-color); color: var(--st-green-text-color); }
    .orange { background: var(--st-orange-background-color); color: var(--st-orange-text-color); }
    .red { background: var(--st-red-background-color); color: var(--st-red-text-color); }
    .gray { background: var(--st-gray-background-color); color: var(--st-gray-text-color); }
    @media (min-width: 1101px) {
      .wall { display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr));
        gap: .5rem .75rem; border: 0; }
      .wall li { grid-template-columns: auto 1fr; line-height: 1.4;
        border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); }
      .wall li[aria-current] { border-color: var(--st-primary-color); }
      .wall :is(.counts, .runs) { grid-column: span 2; min-height: 1.4em; }
      .wall a { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
      .many li { padding: .2rem .75rem; }
      .many :is(li:not(.no-answer) .runs, .no-answer .counts) { display: none; }
    }
    @media (max-width: 1100px) {
      li { display: flex; flex-wrap: wrap; gap: 0 .75rem; padding: .5rem .75rem; }
      :is(.counts, .runs) { flex-basis: 100%; min-height: 1.2rem; }
    }
    """,
    js="""
    const MOST_IN_A_ROW = 4;
    export default function ({ data, parentElement }) {
      const make = (kind, text, looks) => {
        const element = document.createElement(kind);
        element.textContent = text;
        element.className = looks;
        return element;
      };
      const list = parentElement.querySelector("ul");
      const focused = list.getRootNode().activeElement?.textContent;
      const { length } = data.servers;
      list.className = !data.wall ? "" : length > MOST_IN_A_ROW ? "wall many" : "wall";
      list.style.setProperty("--columns", Math.min(length, MOST_IN_A_ROW));
      list.replaceChildren(...data.servers.map((server) => {
        const line = document.createElement("li"), word = document.createElement("span");
        const link = make("a", server.name, "");
        line.classList.toggle("no-answer", server.old);
        if (server.name === data.current) line.ariaCurrent = "true";
        else {
          const url = new URL(location);
          url.searchParams.set("server", server.name);
          link.href = url.href;
        }
        word.append(make("b", server.word, server.colour));
        const counts = make("span", server.counts, server.old ? "counts old" : "counts");
        line.append(word, link, counts, make("span", server.runs, "runs"));
        return line;
      }));
      for (const link of list.querySelectorAll("a[href]"))
        if (link.textContent === focused) link.focus();  // keep the keyboard focus
    }
    """,
)


def server_list(page: Reader, current: str) -> None:
    """Draw the list, with the `current` server marked; it doesn't wait for slow servers.

    A change on any server redraws the page. A kiosk shows compact cards; with more than four
    servers, without their running jobs.
    """
    states = page.track(_look)
    servers = [_line(name, state) for name, state in states.items()]
    _list(key="server-list", data={"servers": servers, "current": current, "wall": is_kiosk()})


def other_pollers(current: str) -> list[Poller]:
    """Return the pollers of all servers except the `current` one."""
    return [
        one.poller
        for one in monitored_servers()
        if one.poller is not None and one.server is not None and one.server.name != current
    ]


def _look(page: Reader) -> Mapping[str, ServerState]:
    memory, servers = live_memory(), {}
    for one in monitored_servers():
        if one.server is not None and one.poller is not None:
            name = one.server.name
            own = memory.elsewhere.setdefault(name, ReaderMemory())
            own.newer_than, own.refreshed_at = (
                memory.reading.newer_than,
                memory.reading.refreshed_at,
            )
            polling = polling_for(effective_settings(one.poller))
            servers[name] = OtherServer(one.poller, polling, own)
    return read_server_states(page, servers)


def _line(name: str, state: ServerState) -> dict[str, Any]:
    return {
        "name": name,
        "word": str(state.connection),
        "colour": colour_of(state.connection),
        "counts": _counts(state) if state.is_known else "",
        "runs": _runs(state),
        "old": state.connection in _NOT_ANSWERING,
    }


def _counts(state: ServerState) -> str:
    return (
        f"{count(state.running)} running · {count(state.queued)} queued · "
        f"{count(state.failed)} failed in 24 h"
    )


def _runs(state: ServerState) -> str:
    if state.connection in _NOT_ANSWERING:
        if state.answered_at is None:
            return "No response yet"
        return f"No response since {hour_and_minute(state.answered_at)}"
    return " · ".join(state.runs)

"""What the documents, the alerts and the dashboard say of the metrics is what is served."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.metrics.world import everything, families
from vpo_monitor.analysis.job_filter import JOB_TYPES
from vpo_monitor.api.models import TERMINAL_STATUSES
from vpo_monitor.metrics.job_durations import BOUNDS, OTHER
from vpo_monitor.polling.figures import Outcome
from vpo_monitor.polling.queries import Route

_ROOT = Path(__file__).parents[3]
_DOCUMENT = (_ROOT / "docs" / "reference" / "metrics.md").read_text("utf-8")
_ALERTS = (_ROOT / "monitoring" / "alerts.yml").read_text("utf-8")
_DASHBOARD = (_ROOT / "monitoring" / "grafana-dashboard.json").read_text("utf-8")
_ROW = re.compile(r"^\| `(vpo_\w+)` \| (\w+) \|([^|]*)\| ([^|]+) \|$", re.MULTILINE)
_LABEL_VALUES: dict[str, set[str]] = {
    "job_type": {*JOB_TYPES, OTHER},
    "status": set(TERMINAL_STATUSES),
    "route": {route.name.lower() for route in Route},
    "outcome": set(Outcome),
}


def served() -> dict[str, tuple[str, set[str]]]:
    """Each metric's type and labels, by the name that Prometheus knows it by."""
    return {
        family.name + ("_total" if family.type == "counter" else ""): (
            family.type,
            {name for sample in family.samples for name in sample.labels} - {"le"},
        )
        for family in families(everything().text())
    }


def test_the_table_has_every_metric_with_its_type_and_labels_and_no_other() -> None:
    documented = {
        name: (kind, set(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels, _meaning in _ROW.findall(_DOCUMENT)
    }
    assert documented == served()


def test_the_table_of_labels_has_every_value_and_no_other() -> None:
    for label, values in _LABEL_VALUES.items():
        row = re.search(rf"^\| `{label}` \| (.+) \|$", _DOCUMENT, re.MULTILINE)
        assert row is not None
        assert set(re.findall(r"`(\w+)`", row[1])) == values


def test_the_documented_number_of_series_is_the_most_that_there_can_be() -> None:
    run_times = len({*JOB_TYPES, OTHER}) * len(TERMINAL_STATUSES) * (len(BOUNDS) + 3)
    requests, routes = len(Route) * len(Outcome), len(Route) * 3
    others = sum(not labels for _kind, labels in served().values())
    said = re.search(
        r"more than (\d+) series: (\d+) of .* (\d+)\s.* (\d+) of .* (\d+) other",
        _DOCUMENT,
        re.DOTALL,
    )
    assert said is not None
    expected = (run_times, requests, routes, others)
    assert [int(number) for number in said.groups()] == [sum(expected), *expected]


@pytest.mark.parametrize("text", [_ALERTS, _DASHBOARD], ids=["alerts", "dashboard"])
def test_what_is_used_is_served(text: str) -> None:
    samples = {name for name, _labels in everything().samples()}
    used = set(re.findall(r"\bvpo_\w+", text))
    assert len(used) > 5
    assert used <= samples
    for label, value in re.findall(r'(\w+)=\\?"(\w+)\\?"', text):
        assert value in _LABEL_VALUES.get(label, {value})


def test_every_metric_is_on_the_dashboard() -> None:
    for name in served():
        assert name in _DASHBOARD, name


def test_the_dashboard_is_one_that_grafana_reads() -> None:
    board = json.loads(_DASHBOARD)
    assert board["id"] is None  # another one would replace a dashboard of somebody's
    assert board["title"] == "VPO Monitor"
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    variables = {one["name"] for one in board["templating"]["list"]}
    for panel in panels:
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["description"].endswith(".")
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for target in panel["targets"]:
            assert set(re.findall(r"\$(\w+)", target["expr"])) <= variables
    taken = [cell for panel in panels for cell in _cells(panel["gridPos"])]
    assert len(taken) == len(set(taken))


def _cells(place: dict[str, Any]) -> Iterator[tuple[int, int]]:
    for x in range(place["x"], place["x"] + place["w"]):
        for y in range(place["y"], place["y"] + place["h"]):
            yield x, y


def test_each_alert_says_what_to_make_of_it() -> None:
    alerts = _ALERTS.split("- alert: ")[1:]
    assert len(alerts) >= 6
    for alert in alerts:
        for part in ("expr:", "severity:", "summary:", "description:"):
            assert part in alert

"""The cards of a queued job: its position, and when it is expected to start and end."""

from datetime import datetime

from vpo_monitor.analysis.estimates import estimate_text
from vpo_monitor.analysis.estimates.durations import Estimate
from vpo_monitor.analysis.number_format import count
from vpo_monitor.analysis.queue_forecast import QueueForecast
from vpo_monitor.views.cards import Card
from vpo_monitor.views.local_time import viewer_zone


def queue_cards(forecast: QueueForecast, job_id: str, now: datetime) -> list[Card]:
    """Return the cards; `now` is the time of the data by this app's clock."""
    place = forecast.place(job_id)
    of = "" if forecast.total is None else f"of {count(forecast.total)}"
    position = Card("Position", "–" if place is None else count(place), note=of)
    expected = forecast.expected.get(job_id)
    if expected is None:
        why = forecast.why_unknown(job_id)
        return [position, Card("Starts", "–", note=why, is_wide=True), Card("Ends", "–")]
    return [position, _card("Starts", expected.start, now), _card("Ends", expected.end, now)]


def _card(label: str, estimate: Estimate | None, now: datetime) -> Card:
    if estimate is None:
        return Card(label, "–", note="not enough similar jobs")
    at = estimate_text.eta_range(estimate, now, viewer_zone())
    return Card(label, estimate_text.in_text(estimate), note=at, is_wide=True)

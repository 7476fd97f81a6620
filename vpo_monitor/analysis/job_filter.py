"""The filters of the job list, and their conversion to and from the query string."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vpo_monitor.api.models import JobPage
from vpo_monitor.plain_text import plain_line
from vpo_monitor.polling import queries
from vpo_monitor.polling.queries import Query

STATUSES = ("queued", "running", "completed", "failed", "cancelled")
JOB_TYPES = ("scan", "apply", "transcode", "move", "process", "prune")
PERIODS = ("24h", "7d", "30d")
SORTS = ("created_at", "job_type", "status", "file_path", "duration")
ORDERS = ("desc", "asc")
PAGE_SIZE = 100
MAX_SEARCH = 200
_CHOICES = {
    "status": STATUSES,
    "type": JOB_TYPES,
    "since": PERIODS,
    "sort": SORTS,
    "order": ORDERS,
}


@dataclass(frozen=True)
class JobFilter:
    """A view of the job list; an empty text means no filter. `page` counts from 1."""

    status: str = ""
    type: str = ""
    since: str = ""
    search: str = ""
    sort: str = SORTS[0]
    order: str = ORDERS[0]
    page: int = 1

    def query(self) -> Query[JobPage]:
        """Return the request to the server, which filters, sorts and pages."""
        return queries.jobs(
            status=self.status or None,
            job_type=self.type or None,
            since=self.since or None,
            search=self.search or None,
            sort=self.sort,
            order=self.order,
            limit=PAGE_SIZE,
            offset=(self.page - 1) * PAGE_SIZE,
        )

    @property
    def first_page(self) -> "JobFilter":
        """Return the same view on its first page."""
        return replace(self, page=1)

    @property
    def is_filtered(self) -> bool:
        """Whether a filter is set."""
        return bool(self.status or self.type or self.since or self.search)

    def to_query_string(self) -> dict[str, str]:
        """Return the query string parameters that differ from the default view."""
        default = JobFilter()
        return {
            key: str(value) for key, value in vars(self).items() if value != getattr(default, key)
        }


def from_query_string(parameters: Mapping[str, str]) -> tuple[JobFilter, tuple[str, ...]]:
    """Read a filter from a URL, with a sentence for each invalid part."""
    values: dict[str, str] = {}
    warnings = []
    for key, choices in _CHOICES.items():
        value = parameters.get(key, "")
        if value in choices:
            values[key] = value
        elif value:
            warnings.append(f"Ignored {key}={value[:40]!r}. Valid values: {', '.join(choices)}.")
    text = parameters.get("page", "1")
    page = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0  # noqa: PLR2004
    if page < 1:
        warnings.append(f"Ignored page={text[:40]!r}. Pages start at 1; showing the first.")
    search = plain_line(parameters.get("search", ""))[:MAX_SEARCH]  # links are untrusted
    return (
        JobFilter(**values, search=search, page=max(page, 1)),
        tuple(plain_line(warning) for warning in warnings),
    )

"""Run times of completed jobs by type and policy, for estimates of similar jobs."""

from collections import defaultdict

from vpo_monitor.history.job_record import JobRecord

_MOST_OF_A_KIND = 200


class KnownTimes:
    """Run times in seconds, at most the last 200 of each type and policy."""

    def __init__(self) -> None:
        self._times: defaultdict[tuple[str, str | None], dict[str, float]] = defaultdict(dict)

    def put(self, record: JobRecord) -> None:
        """Add the run time of a completed job; other jobs are ignored."""
        if record.status != "completed" or record.run_seconds is None:
            return
        times = self._times[_kind(record)]
        times.pop(record.id, None)
        times[record.id] = record.run_seconds
        while len(times) > _MOST_OF_A_KIND:
            del times[next(iter(times))]

    def drop(self, record: JobRecord) -> None:
        """Remove a job's run time."""
        times = self._times.get(_kind(record), {})
        times.pop(record.id, None)
        if not times:
            self._times.pop(_kind(record), None)

    def of(self, job_type: str, policy_name: str | None) -> list[float]:
        """Return the run times of a type and policy."""
        return list(self._times.get((job_type, policy_name), {}).values())

    def of_type(self, job_type: str) -> list[float]:
        """Return the run times of a type with any policy."""
        return [
            seconds
            for (of_type, _policy), times in self._times.items()
            if of_type == job_type
            for seconds in times.values()
        ]


def _kind(record: JobRecord) -> tuple[str, str | None]:
    return record.job_type, record.policy_name

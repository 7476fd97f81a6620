"""The download of a whole log, for several viewers of a log that grows."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.unit.log_server import JOB, LogServer, line
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.reader import Reader, ReaderMemory
from vpo_monitor.api.server import Server
from vpo_monitor.config import PollingConfig
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.log_tail import LogTail
from vpo_monitor.polling.poller import Poller
from vpo_monitor.views.log_downloads import LogDownloads

PROVENANCE = Provenance(Server("VPO", "http://127.0.0.1:1"), datetime(2026, 11, 24, tzinfo=UTC))


@dataclass
class Viewer:
    """A page with the download alone; `end` is the last line that it has seen."""

    poller: Poller
    end: int = 3000
    downloads: LogDownloads = field(default_factory=lambda: LogDownloads(JOB))

    def __post_init__(self) -> None:
        self.app = AppTest.from_function(_draw, kwargs={"viewer": self})

    def draw(self) -> None:
        reader = Reader(self.poller, PollingConfig(), ReaderMemory())
        tail = LogTail(lines=(line(self.end),), end=self.end)
        self.downloads.draw(reader, tail, None, PROVENANCE)

    def labels(self) -> list[str]:
        self.app.run()
        buttons = (*self.app.download_button, *self.app.button)
        return [one.label.partition(" (")[0] for one in buttons]

    def fetch(self) -> list[str]:
        self.labels()
        self.app.button("log-copy").click()
        return self.labels()


def _draw(viewer) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - runs alone, as a script
    viewer.draw()


def test_viewers_share_one_copy_that_goes_on_with_the_log(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 3000)
    now = [1000.0]
    poller = Poller(
        server, Budget(1000), now=lambda: now[0], start=lambda work: work(), patience=0.0
    )
    early, late = Viewer(poller), Viewer(poller, end=3100)
    assert early.fetch() == ["All 3,000 lines"]
    assert len(server.asked) == 3
    server.write(line(number) for number in range(3001, 3101))
    now[0] += 60
    late.fetch()
    assert late.labels() == ["All 3,100 lines"]
    assert server.asked[3:] == [(1000, 2999)]
    assert early.labels() == ["All 3,100 lines"]
    for _ in range(5):
        now[0] += 60
        late.labels()
    assert len(server.asked) == 4

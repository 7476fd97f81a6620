import base64
import json
import logging
import socket
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from tests.secret_leaks import TOKEN, leaks
from vpo_monitor.api import errors, json_http
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.models import Health, Job, JobDetail, JobPage, StatsSummary
from vpo_monitor.api.server import InvalidAddress, Server, parse_address

from .conftest import Answer

Failure = Callable[[], BaseException]


def test_all_eight_parameters_are_sent_and_none_is_left_out(
    client: VpoClient, answer: Answer
) -> None:
    answer.body = b'{"jobs": []}'
    client.jobs(
        status="failed",
        job_type="scan",
        since="7d",
        search="a&b",
        sort="duration",
        order="asc",
        limit=10,
        offset=20,
    )
    client.jobs(limit=None)
    assert [path for path, _ in answer.asked] == [
        (
            "/api/jobs?status=failed&type=scan&since=7d&search=a%26b&sort=duration&order=asc"
            "&limit=10&offset=20"
        ),
        "/api/jobs",
    ]


def test_lines_of_a_log_may_hold_any_number_of_commas(client: VpoClient, answer: Answer) -> None:
    lines = [f'[{number}] "frame=1,2", \\"' + "," * 600 for number in range(1000)]
    answer.body = json.dumps({"lines": lines, "total_lines": 1000}).encode()
    assert client.logs("a").lines == tuple(lines)


@pytest.mark.parametrize("value", [b'"a,b"', b"{}", b"1"])
def test_more_values_than_vpo_ever_sends_are_refused(
    value: bytes, answer: Answer, failure: Failure
) -> None:
    answer.body = b'{"jobs": [' + b",".join([value] * 500_002) + b"]}"
    assert "more than 500,000 values" in str(failure())


def test_a_job_id_cannot_lead_to_another_route(client: VpoClient, answer: Answer) -> None:
    answer.status = 404
    with pytest.raises(errors.NotFound):
        client.job("../../health?x=1")
    assert answer.asked[0][0] == "/api/jobs/..%2F..%2Fhealth%3Fx%3D1"


@pytest.mark.parametrize("job_id", [".", "..", "a" * 10_000])
def test_what_can_be_no_id_is_not_asked_for(client: VpoClient, answer: Answer, job_id: str) -> None:
    for ask in (client.job, client.logs, client.scan_errors):
        with pytest.raises(errors.BadRequest):
            ask(job_id)
    assert answer.asked == []


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html></html>", errors.BadResponse),
        (200, b'{"jobs": ', errors.BadResponse),
        (200, b"[]", errors.BadResponse),
        (200, b'{"jobs": {}}', errors.BadResponse),
        (200, b"[" * 100_000, errors.BadResponse),
        (302, b"", errors.BadResponse),
        (418, b"", errors.BadResponse),
        (403, b"", errors.Unauthorized),
        (502, b"", errors.Unavailable),
    ],
)
def test_each_odd_answer_is_one_error(
    status: int, body: bytes, kind: type[Exception], answer: Answer, failure: Failure
) -> None:
    answer.status, answer.body = status, body
    answer.headers = {"Location": "http://127.0.0.1:1/elsewhere"} if status == 302 else {}
    assert type(failure()) is kind
    assert len(answer.asked) == 1


def test_an_answer_over_16_mb_is_refused(answer: Answer, failure: Failure) -> None:
    answer.body = b" " * (16 * 2**20 + 1)
    assert "more than 16 MB" in str(failure())


def test_an_answer_that_is_cut_short_is_a_bad_response(answer: Answer, failure: Failure) -> None:
    answer.body, answer.claimed_length = b'{"jobs": []}', 500
    assert type(failure()) is errors.BadResponse


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://vpo.invalid:8321"])
def test_no_connection_is_unreachable(url: str) -> None:
    with pytest.raises(errors.Unreachable):
        VpoClient(Server("test", url)).health()


def test_the_timeouts_are_those_that_the_server_needs() -> None:
    assert (json_http.CONNECT_TIMEOUT, json_http.READ_TIMEOUT) == (3.0, 15.0)


def all_of(error: BaseException | None) -> str:
    """An error and those behind it, with all that its frames and it know by name."""
    if error is None:
        return ""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    told = f"{error!r} {error!s} {vars(error)} {''.join(shown.format())}"
    for frame, _line in traceback.walk_tb(error.__traceback__):
        if "vpo_monitor" in frame.f_code.co_filename:
            told += "".join(str(getattr(one, "__dict__", "")) for one in frame.f_locals.values())
    return told + all_of(error.__cause__) + all_of(error.__context__)


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 429, 500, 503, None])
def test_the_token_is_in_no_message_no_variable_and_no_log(
    status: int | None,
    url: str,
    client: VpoClient,
    answer: Answer,
    failure: Failure,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    answer.status, answer.body = status or 200, b"no json"
    answer.claimed_length = None if status else 500
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.setblocking(False)
        answer.headers = {"Location": f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"}
        error = failure()
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert not leaks(all_of(error) + caplog.text + repr(client) + str(vars(client.server)))
    login = f"Basic {base64.b64encode(f'vpo-monitor:{TOKEN}'.encode()).decode()}"
    assert [headers["Authorization"] for _, headers in answer.asked] == [login]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://vpo.invalid:8321"])
def test_an_error_of_the_connection_holds_no_request(url: str) -> None:
    with pytest.raises(errors.Unreachable) as caught:
        VpoClient(Server("test", url, SecretStr(TOKEN))).jobs()
    assert not leaks(all_of(caught.value))


def test_bad_rows_cost_those_rows() -> None:
    body = {"jobs": [{"id": "a", "status": "odd", "created_at": "x"}, None, {"id": None}, 7, {}]}
    page = JobPage.read(body)
    assert [job.id for job in page.rows] == ["a"]
    assert page.skipped == 4
    assert page.rows[0].created_at is None


def test_each_id_is_taken_once_and_no_more_rows_than_were_asked_for(
    client: VpoClient, answer: Answer
) -> None:
    rows = [{"id": f"{number // 2}", "status": f"{number}"} for number in range(10_000)]
    answer.body = json.dumps({"jobs": rows, "total": 10_000}).encode()
    page = client.jobs(limit=20)
    assert [(job.id, job.status) for job in page.rows] == [(f"{n}", f"{2 * n}") for n in range(20)]
    assert (page.skipped, page.total) == (0, 10_000)
    assert len(client.jobs().rows) == 50  # of the 100 that VPO gives at most


def test_long_texts_are_cut_and_a_long_id_is_none() -> None:
    fields = {"id": "a", "file_path": "p" * 99_999, "error_message": "e" * 999_999}
    job = JobDetail.read({**fields, "summary_raw": {"n": "s" * 999_999}})
    assert (len(job.file_path), len(job.error_message or "")) == (4096, 100_000)
    assert job.file_path.endswith("p…")
    assert job.summary_raw is None
    assert JobPage.read({"jobs": [{"id": "i" * 201}]}).skipped == 1


@pytest.mark.parametrize(
    ("time", "year"),
    [
        ("1969-12-31T23:59:59Z", None),
        ("1970-01-01T00:00:00Z", 1970),
        ("2199-12-31T23:59:59Z", 2199),
        ("2199-12-31T23:59:59-01:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("0000-01-01T00:00:00Z", None),
    ],
)
def test_a_time_that_no_job_can_have_is_none(time: str, year: int | None) -> None:
    created_at = Job.read({"id": "a", "created_at": time}).created_at
    assert (created_at and created_at.year) == year


@pytest.mark.parametrize("number", [2**63, -(2**63), 1e308, float("nan"), float("inf"), "9" * 400])
def test_a_number_that_64_bits_do_not_hold_is_none(number: float | str) -> None:
    assert Job.read({"id": "a", "progress_percent": number}).progress_percent is None
    assert JobDetail.read({"id": "a", "priority": number}).priority is None


def test_there_are_never_fewer_than_none_and_no_share_above_1() -> None:
    assert Health.read({"status": "healthy", "jobs_running": -1}).jobs_running is None
    shares = [StatsSummary.read({"success_rate": rate}).success_rate for rate in (-0.1, 0, 1, 1.1)]
    assert shares == [None, 0, 1, None]


def test_halves_of_utf16_pairs_are_replaced(client: VpoClient, answer: Answer) -> None:
    answer.body = json.dumps({"jobs": [{"id": "a", "file_path": "/srv/\ud800.mkv"}]}).encode()
    assert client.jobs().rows[0].file_path == "/srv/?.mkv"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("1", 1),
        ("37", 37),
        ("999999999999", 999999999999),
        ("-5", None),
        ("soon", None),
        (None, None),
        ("Tue, 24 Nov 2026 00:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 00:00:00 GMT", 0),
    ],
)
def test_retry_after_is_read(header: str | None, seconds: float | None) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    assert errors.parse_retry_after(header, now) == seconds


@pytest.mark.parametrize(
    "address",
    [
        "192.168.1.5:8321",
        "ftp://host",
        "http://",
        "http://host:99999",
        "http://host:port",
        "http://user:secret@host",
        "http://host/?q=secret",
        "http://host#secret",
        "http://ho st",
        "http://[::1",
        "http://" + "a" * 300,
    ],
)
def test_a_bad_address_is_a_sentence_without_secrets(address: str) -> None:
    with pytest.raises(InvalidAddress) as caught:
        parse_address(address, "VPO_MONITOR_API_URL")
    assert "VPO_MONITOR_API_URL" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_good_address_keeps_its_path_and_loses_its_end_slash() -> None:
    assert parse_address(" https://host:8321/vpo/ ", "X") == "https://host:8321/vpo"


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "ahead"),
    [
        ({"Date": "Tue, 24 Nov 2026 12:10:00 GMT"}, 600.5),
        ({"Date": "Tue, 24 Nov 2026 11:50:00 GMT"}, -599.5),
        ({"Date": "Tue, 24 Nov 2026 12:00:01 GMT"}, 0.0),
        ({"Date": "Tue, 24 Nov 2026 12:10:00 GMT", "Age": "600"}, 0.0),
        ({"Date": "yesterday"}, 0.0),
        ({}, 0.0),
    ],
)
def test_the_servers_clock_is_taken_from_its_answers(
    url: str, answer: Answer, headers: dict[str, str], ahead: float
) -> None:
    http = json_http.JsonHttp(Server("test", url), utcnow=lambda: NOW)
    answer.headers = headers
    http.get("/health")
    assert http.clock_ahead == ahead

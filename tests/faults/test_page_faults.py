"""Each fault of a server on each page, for a new app and for one that has been watching."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing

import pytest

from tests.faults.cases import BADGE, BY_NAME, CONTENT, EXTREMES, GROUPS, SAID, TLS, WELL, Case
from tests.faults.conftest import Servers
from tests.faults.faulty_server import FaultyServer
from tests.faults.page_under_fault import ALONE, MISSED, READS, Page, of_page
from tests.faults.routes import ALL, lots
from vpo_monitor.api import errors
from vpo_monitor.polling.limits import MAX_RETRY_AFTER

OpenPage = Callable[..., Page]
"""Opens a page, in front of this server and with this job."""


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """Close what is opened, so that no later test finds its app running."""
    with ExitStack() as opened:

        def page(script: str, server: FaultyServer, *job_id: str) -> Page:
            return opened.enter_context(closing(Page(script, server, monkeypatch, *job_id)))

        yield page


def told(page: Page, case: Case) -> str | None:
    """What is wrong with the page while all of the server is faulty; None where it is right."""
    word = page.badge["word"]
    is_told = case.error is not None and word in BADGE[case.error]
    if is_told and case.error is not None:
        sentence = SAID.get(case.error, case.says)
        if sentence not in page.words:
            return f"it does not say: {sentence}"
    elif word not in WELL or (case.error is not None and not case.may_be_read):
        return f"the badge says {word}"
    return page.problem


def recovered(page: Page, case: Case | None = None) -> str | None:
    """What is wrong with the page after the fault is over, with no click but for a login."""
    wait = 0.0 if case is None or case.retry_after is None else case.retry_after
    page.fault(None, after=max(MISSED, min(wait, MAX_RETRY_AFTER)))
    if case is not None and case.error is errors.Unauthorized:
        page.press("Refresh")
    for _ in range(3):
        if page.badge["word"] in WELL:
            break
        page.tick()
    return None if page.badge["word"] in WELL else f"the badge says {page.badge['word']}"


def wrong_things(page: Page, cases: Sequence[Case]) -> dict[tuple[str, str], str]:
    """What is wrong with the page under each of these, for a new app and for one that has data."""
    wrong: dict[tuple[str, str], str | None] = {}
    page.fault(None)
    names = page.names
    for case in cases:
        if not case.is_failure:
            page.fault(case)
            wrong[case.name, "after good data"] = told(page, case)
    for case in cases:
        page.restart()
        page.fault(case)
        wrong[case.name, "as the first answer"] = told(page, case)
        if case.is_failure:
            wrong[case.name, "the first good data"] = recovered(page, case)
            page.fault(case)
            wrong[case.name, "after good data"] = told(page, case)
            is_kept = names <= page.names and page.badge["age"] >= MISSED
            wrong[case.name, "the old data"] = None if is_kept else "is not there with its age"
    wrong["all of them", "good data again"] = recovered(page)
    return {where: what for where, what in wrong.items() if what}


# A page tells failures apart by the words of its badge: the tests of client and poller hold the
# rest. The list of jobs meets each; every other page one, as its own parts can lack their data too.
OF_EACH_BADGE = ("refuse", "401", "429 for 37 seconds", "500", "503")
FAILURES = dict.fromkeys(READS, OF_EACH_BADGE[:1]) | {"jobs": OF_EACH_BADGE}


@pytest.mark.parametrize("script", READS)
def test_a_failure_is_told_and_keeps_the_data_and_ends_by_itself(
    script: str,
    servers: Servers,
    open_page: OpenPage,
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = open_page(script, servers[False])
    assert wrong_things(page, [BY_NAME[name] for name in FAILURES[script]]) == {}
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_each_badge_of_a_failure_is_met() -> None:
    errors_met = [BY_NAME[name].error for name in OF_EACH_BADGE]
    assert {BADGE[error] for error in errors_met if error} == set(BADGE.values())


MANY_ROWS = "10,000 rows"
WITH_MANY_ROWS = ("jobs", "library")
"""What a page draws of many rows is cut in few places; the long tests have them on each page."""
ALL_EXTREMES = ("jobs", "overview", "job")
"""These draw jobs as rows, cards and alone; others meet every third case, all in long tests."""


@pytest.mark.parametrize("script", READS)
def test_a_page_may_be_sent_anything(
    script: str,
    servers: Servers,
    open_page: OpenPage,
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = open_page(script, servers[False])
    page.fault(None)
    wrong: dict[tuple[str, str], str | None] = {}
    turn = list(READS).index(script)
    chosen = EXTREMES if script in ALL_EXTREMES else EXTREMES[turn % 3 :: 3]
    cases = [case for case in chosen if case.name != MANY_ROWS or script in WITH_MANY_ROWS]
    for place, case in enumerate(cases, turn):
        is_first = place % 2 == 1
        if is_first:
            page.restart()
        page.fault(case)
        when = "as the first answer" if is_first else "after another answer"
        wrong[case.name, when] = told(page, case)
    wrong["all of them", "good data again"] = recovered(page)
    assert {where: what for where, what in wrong.items() if what} == {}
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.long
@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("script", READS)
def test_each_fault_on_each_page(
    script: str,
    group: str,
    servers: Servers,
    open_page: OpenPage,
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = open_page(script, servers[GROUPS[group] is TLS])
    assert wrong_things(page, of_page(script, GROUPS[group])) == {}
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.long
def test_each_case_is_on_a_page_and_one_of_each_lot_on_all_of_them() -> None:
    for cases in GROUPS.values():
        of_pages = [set(of_page(script, cases)) for script in READS]
        assert set().union(*of_pages) == set(cases)
        for lot in lots(cases, ALL):
            assert all(of_one & set(lot) for of_one in of_pages)


@pytest.mark.long
@pytest.mark.parametrize(("script", "job_id", "routes"), ALONE)
def test_each_route_alone_may_hold_anything(
    script: str,
    job_id: str,
    routes: Sequence[str],
    servers: Servers,
    open_page: OpenPage,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = servers[False]
    page = open_page(script, server, job_id)
    for _ in range(20):  # what is asked for in background comes one by one
        page.fault(None)
        if page.read >= set(routes):
            break
    wrong: dict[tuple[str, str, str], str | None] = {}
    turn = list(READS).index(script)  # so that the next page meets in the other way what it meets
    for route in routes:
        for place, (case, *_alike) in enumerate(lots(CONTENT, frozenset({route})), turn):
            is_first = place % 2 == 1
            if is_first:
                page.restart()
            page.fault(case, route)
            when = "as the first answer" if is_first else "after another answer"
            wrong[case.name, route, when] = page.problem
        wrong["all", route, "good data again"] = recovered(page)
    assert {where: what for where, what in wrong.items() if what} == {}
    assert page.read >= set(routes)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]

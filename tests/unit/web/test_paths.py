"""Where the login leads back to, and what is a page."""

import pytest

from vpo_monitor.web.paths import Paths, is_page, next_query, page_to_return_to, with_query


@pytest.mark.parametrize(
    "page",
    [
        *("/", "/jobs", "/job?id=17", "/jobs?search=a%20b&status=failed", "/jobs?since=//x"),
        *("/jobs?search=%E2%82%AC", "/%C3%BCber"),
    ],
)
def test_pages_of_this_app_are_returned_to(page: str) -> None:
    assert page_to_return_to(page) == page


@pytest.mark.parametrize(
    "page",
    [
        *(None, "", "jobs", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil"),
        *("http://evil.example", "https:evil.example", "javascript:alert(1)", "/a//b"),
        *("/../secret", "/jobs/../../x", "/./jobs", "/%2e%2e/x", "/%2f/evil.example", "/%5cevil"),
        *("/jobs\r\nSet-Cookie: a=b", "/jobs%0d%0aSet-Cookie: a=b", "/jobs%0a", "/jobs\x00"),
        *("/\tevil.example", "/ /evil.example", "/%09/evil.example", "/\x7f", "/" + "x" * 3000),
        *("/_stcore/health", "/media/x", "/static/js/x", "/component/x", "/login", "/logout"),
        *("/metrics", "/session", "/oauth2callback?state=x", "/auth/logout", "@evil.example"),
    ],
)
def test_nothing_else_is(page: str | None) -> None:
    assert page_to_return_to(page) == "/"


def test_fragments_are_dropped_as_no_server_sees_them() -> None:
    assert page_to_return_to("/jobs?a=b#//evil.example") == "/jobs?a=b"


def test_paths_are_translated_below_a_base_path() -> None:
    for written in ("vpo", "/vpo", "vpo/", "/vpo/"):
        paths = Paths(written)
        assert paths.url("/jobs") == "/vpo/jobs"
        assert paths.cookie_path == "/vpo"
        inside = {path: paths.inside(path) for path in ("/vpo", "/vpo/", "/vpo/jobs")}
        assert inside == {"/vpo": "/", "/vpo/": "/", "/vpo/jobs": "/jobs"}
        for outside in ("/", "/jobs", "/vpox", "/vpox/jobs", ""):
            assert paths.inside(outside) is None


def test_without_a_base_path_every_path_is_the_apps() -> None:
    paths = Paths()
    assert (paths.url("/jobs"), paths.cookie_path) == ("/jobs", "/")
    assert (paths.inside("/jobs"), paths.inside("/")) == ("/jobs", "/")


def test_files_and_routes_are_no_pages() -> None:
    assert is_page("/")
    assert is_page("/jobs")
    for path in (
        "",
        "jobs",
        "/static/js/x.js",
        "/_stcore/stream",
        "/login",
        "/metrics",
        "/api/summary",
        "/feed.atom",
    ):
        assert not is_page(path)


def test_a_page_survives_the_way_through_the_login() -> None:
    assert with_query("/job", b"id=17&x=%E2%82%AC") == "/job?id=17&x=%E2%82%AC"
    assert with_query("/a b", b"") == "/a%20b"
    assert next_query("/job?id=17") == "?next=%2Fjob%3Fid%3D17"
    assert next_query("/") == ""

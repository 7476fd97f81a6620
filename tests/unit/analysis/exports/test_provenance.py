"""Names of files that say server, view and time, whatever was looked for."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.api.server import Server

AT = datetime(2026, 11, 25, 2, 33, 59, tzinfo=UTC)
NAS = Server("VPO", "http://nas.local:8321", SecretStr("a-token-of-16-signs"))


def test_a_name_says_server_view_and_time() -> None:
    provenance = Provenance(NAS, AT, "jobs", name_parts=("failed", "", "7d"))
    assert provenance.file_name("csv") == "vpo-nas.local-8321-jobs-failed-7d-20261125T0233Z.csv"
    policies = provenance.of("policies").narrowed("search-a b")
    assert policies.file_name("json") == (
        "vpo-nas.local-8321-policies-failed-7d-search-a-b-20261125T0233Z.json"
    )


def test_a_narrower_view_keeps_the_choices_of_the_wider_one() -> None:
    provenance = Provenance(NAS, AT, "jobs", {"since": "7d", "status": "failed"})
    assert provenance.narrowed("all", status="any").view == {"since": "7d", "status": "any"}


def test_the_time_is_utc_wherever_it_was_taken() -> None:
    elsewhere = Provenance(NAS, AT.astimezone(timezone(timedelta(hours=9))), "jobs")
    assert elsewhere.file_name("csv") == Provenance(NAS, AT, "jobs").file_name("csv")


@pytest.mark.usefixtures("in_tokyo")
def test_the_time_is_utc_wherever_the_app_runs() -> None:
    assert Provenance(NAS, AT, "jobs").file_name("csv").endswith("-20261125T0233Z.csv")


@pytest.mark.parametrize(
    ("part", "told"),
    [("X-Files to MAX", "X-Files-to-MAX"), (f"{'a' * 39} b", "a" * 39), ("-7d-", "7d")],
)
def test_a_part_keeps_its_letters_and_ends_with_one(part: str, told: str) -> None:
    assert Provenance(NAS, AT, "jobs", name_parts=(part, "z")).stem == (
        f"vpo-nas.local-8321-jobs-{told}-z"
    )


@pytest.mark.parametrize(
    ("name", "url", "told"),
    [
        ("VPO", "https://vpo.example.org/behind/a/proxy", "vpo-vpo.example.org"),
        ("Demo", "http://127.0.0.1:8322", "vpo-demo-127.0.0.1-8322"),
        ("VPO", "http://[fe80::1]:8321", "vpo-fe80-1-8321"),
        ("VPO", "http://müller.local:8321", "vpo-muller.local-8321"),
        ("VPO", "http://user:secret@nas:8321", "vpo-nas-8321"),
        ("../../etc", "http://x", "vpo-etc-x"),
    ],
)
def test_a_server_is_named_without_anything_secret(name: str, url: str, told: str) -> None:
    assert Provenance(Server(name, url, SecretStr("s" * 16)), AT, "log").stem == f"{told}-log"


def test_what_no_name_may_have_is_left_out() -> None:
    hostile = ("search-../../etc/passwd\x00\r\n", "search-映画", "search-C:\\x|y<z>?*", "..", "é")
    assert Provenance(NAS, AT, "jobs", name_parts=hostile).file_name("csv") == (
        "vpo-nas.local-8321-jobs-search-etc-passwd-search-search-C-x-y-z-e-20261125T0233Z.csv"
    )


TEXT = st.text(st.integers(0, 0x2FFF).map(chr), max_size=50)


def test_a_long_view_makes_no_long_name() -> None:
    name = Provenance(NAS, AT, "jobs", name_parts=("7d", *("x" * 300,) * 9)).file_name("json")
    assert len(name) <= 180
    assert name.startswith(f"vpo-nas.local-8321-jobs-7d-{'x' * 40}-x")
    assert name.endswith("x-20261125T0233Z.json")


@given(TEXT, st.lists(TEXT, max_size=9))
def test_whatever_is_in_a_name_it_is_one_and_not_too_long(
    server: str, name_parts: list[str]
) -> None:
    name = Provenance(
        Server(server, "http://h"), AT, "jobs", name_parts=tuple(name_parts)
    ).file_name("json")
    assert re.fullmatch(r"vpo-([A-Za-z0-9]+[._-])+20261125T0233Z\.json", name)
    assert len(name) <= 180

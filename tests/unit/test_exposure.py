"""An app that others can reach and that asks nobody for anything shows nothing."""

from typing import Any

import pytest

from vpo_monitor.exposure import is_this_machine, problem_at_start
from vpo_monitor.oidc_settings import Oidc


def given(**changes: Any) -> str | None:
    usual: dict[str, Any] = {
        "address": "192.168.1.5",
        "has_password": False,
        "oidc": None,
        "hosts": ("localhost", "127.0.0.1", "[::1]"),
        "problem": None,
        "doubt": None,
        "allow_no_password": False,
    }
    return problem_at_start(**{**usual, **changes})


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "unix:///x"])
def test_this_machine_may_look_without_a_password(address: str) -> None:
    assert is_this_machine(address)
    assert given(address=address) is None


_EVERYWHERE = "0.0.0.0"  # noqa: S104 - the address is only judged


@pytest.mark.parametrize("address", [None, "", _EVERYWHERE, "::", "192.168.1.5", "nas.local"])
def test_others_may_not(address: str | None) -> None:
    assert "VPO_MONITOR_PASSWORD" in (given(address=address) or "")


def test_a_password_an_account_or_the_plain_word_open_it() -> None:
    assert given(has_password=True) is None
    assert given(oidc=Oidc(("default",), ("*",))) is None
    assert given(allow_no_password=True) is None


def test_a_password_that_cannot_be_asked_for_keeps_it_shut_even_on_this_machine() -> None:
    for address in ("127.0.0.1", "192.168.1.5"):
        assert given(address=address, problem="Fix it.", allow_no_password=True) == "Fix it."


def test_a_doubt_keeps_it_shut_until_the_plain_word() -> None:
    for address in ("127.0.0.1", "192.168.1.5"):
        assert given(address=address, doubt="Fix it.") == "Fix it."
        assert given(address=address, doubt="Fix it.", allow_no_password=True) is None
        assert given(address=address, doubt="Fix it.", has_password=True) is None


def test_without_any_name_all_are_taken_and_so_others_can_reach_it() -> None:
    assert "VPO_MONITOR_PASSWORD" in (given(address="127.0.0.1", hosts=()) or "")


@pytest.mark.parametrize("host", ["vpo.house.example", "192.168.1.5", "*"])
def test_a_name_of_a_proxy_before_it_makes_it_one_that_others_can_reach(host: str) -> None:
    behind = {"address": "127.0.0.1", "hosts": ("localhost", host)}
    assert "VPO_MONITOR_PASSWORD" in (given(**behind) or "")
    assert given(**behind, allow_no_password=True) is None
    assert given(**behind, has_password=True) is None


def test_accounts_that_cannot_log_in_keep_it_shut() -> None:
    assert given(address="127.0.0.1", oidc=Oidc((), (), "No provider.")) == "No provider."

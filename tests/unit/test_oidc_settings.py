"""Whom an identity token lets in."""

from typing import Any

import pytest

from vpo_monitor.oidc_settings import is_allowed, read_oidc

_COMPLETE = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": "0123456789abcdef",
    "client_id": "vpo",
}


@pytest.mark.parametrize(
    ("email", "is_in"),
    [
        ("ann@example.org", True),
        ("ANN@Example.ORG", True),
        ("bob@house.example", True),
        ("bob@HOUSE.example", True),
        ("bob@example.org", False),
        ("ann@example.org.foreign.invalid", False),
        ("bob@sub.house.example", False),
        ("house.example", False),
        ("@house.example@foreign.invalid", False),
        ("ann@example.org\n@foreign.invalid", False),
        ("", False),
        ("@", False),
        (None, False),
        (["ann@example.org"], False),
        ("bob@HOUSE.e\u212aample", False),
    ],
)
def test_addresses_and_domains_are_allowed_exactly(email: Any, *, is_in: bool) -> None:
    allowed = ("ann@example.org", "@house.example", " ", "")
    assert is_allowed({"email": email, "email_verified": True}, allowed) is is_in


def test_no_letter_becomes_another_by_its_case() -> None:
    user = {"email": "\u212aim@example.org", "email_verified": True}
    assert not is_allowed(user, ("kim@example.org",))


@pytest.mark.parametrize(
    "claims",
    [{}, *({"email_verified": value} for value in (False, "false", None, 1, "yes"))],
)
def test_an_address_that_is_not_verified_is_rejected_unless_a_setting_allows_it(
    claims: dict[str, Any],
) -> None:
    user = {"email": "ann@example.org", **claims}
    assert not is_allowed(user, ("ann@example.org", "example.org"))
    assert is_allowed(user, ("ann@example.org",), allow_unverified=True)
    assert not is_allowed(user, ("bob@example.org",), allow_unverified=True)


@pytest.mark.parametrize("verified", [True, "true", "True"])
def test_a_verified_address_is_accepted_however_that_is_written(*, verified: Any) -> None:
    user = {"email": "ann@example.org", "email_verified": verified}
    assert is_allowed(user, ("ann@example.org",))


def test_a_star_is_everybody_whom_the_provider_knows() -> None:
    assert is_allowed({"sub": "17"}, ("*",))
    assert not is_allowed({}, ("*",))


def test_an_empty_list_allows_nobody() -> None:
    assert not is_allowed({"email": "ann@example.org"}, ())


def test_without_an_auth_block_there_is_no_such_login() -> None:
    assert read_oidc(None, ("*",)) is None


def test_one_provider_or_several_are_found() -> None:
    one = read_oidc(_COMPLETE, ("*",))
    assert one is not None
    assert one.providers == ("default",)
    named = {"redirect_uri": "/oauth2callback", "cookie_secret": "y", "google": {"client_id": "z"}}
    several = read_oidc(named, ("*",))
    assert several is not None
    assert several.providers == ("google",)
    assert several.provider("google") == {"client_id": "z"}
    assert one.provider("default")["client_id"] == "vpo"


def test_its_secrets_are_not_shown() -> None:
    oidc = read_oidc(_COMPLETE, ("*",))
    assert _COMPLETE["cookie_secret"] not in f"{oidc!r} {vars(oidc)}"


@pytest.mark.parametrize(
    ("auth", "allowed", "words"),
    [
        ("yes", ("*",), "not a table"),
        (_COMPLETE, (), "VPO_MONITOR_ALLOWED_EMAILS"),
        (_COMPLETE | {"redirect_uri": ""}, ("*",), "redirect_uri"),
        (_COMPLETE | {"cookie_secret": None}, ("*",), "cookie_secret"),
        (_COMPLETE | {"redirect_uri": "http://localhost:8501/"}, ("*",), "/oauth2callback"),
        (_COMPLETE | {"client_id": ""}, ("*",), "no provider"),
    ],
)
def test_what_is_missing_is_said(auth: Any, allowed: tuple[str, ...], words: str) -> None:
    oidc = read_oidc(auth, allowed)
    assert oidc is not None
    assert words in (oidc.problem or "")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    oidc = read_oidc(_COMPLETE, ("*",))
    assert oidc is not None
    assert "streamlit[auth]" in (oidc.problem or "")

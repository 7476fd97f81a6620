"""Who has been let in is in until put out, in every tab."""

from vpo_monitor.access.login_tokens import MAX_TOKENS, LoginTokens, digest


def test_a_token_lets_in_until_it_is_put_out() -> None:
    logins = LoginTokens()
    token, other = logins.let_in(), logins.let_in()
    assert logins.is_in(token)
    logins.put_out(token)
    assert not logins.is_in(token)
    assert logins.is_in(other)


def test_a_token_that_was_not_given_here_lets_nobody_in() -> None:
    logins = LoginTokens()
    logins.let_in()
    for made_up in ("", "x", "\ud800", LoginTokens().let_in()):
        assert not logins.is_in(made_up)


def test_a_login_that_another_program_keeps_can_be_barred() -> None:
    logins = LoginTokens()
    assert not logins.is_barred("who, and when")
    logins.bar("who, and when")
    assert logins.is_barred("who, and when")


def test_made_up_tokens_do_not_push_out_what_is_barred() -> None:
    logins = LoginTokens()
    logins.bar("who, and when")
    for number in range(MAX_TOKENS):
        logins.put_out(f"made up {number}")
    assert logins.is_barred("who, and when")


def test_no_more_than_so_many_are_kept_and_those_in_use_stay() -> None:
    logins = LoginTokens()
    used, unused = logins.let_in(), logins.let_in()
    for _ in range(MAX_TOKENS - 1):
        assert logins.is_in(used)
        logins.let_in()
    assert logins.is_in(used)
    assert not logins.is_in(unused)


def test_tokens_themselves_are_not_kept() -> None:
    logins = LoginTokens()
    token = logins.let_in()
    assert token.encode() not in b"".join(logins._in._digests)


def test_texts_that_cannot_be_written_as_utf_8_are_not_all_alike() -> None:
    assert len({digest(text) for text in ("????", "\udcff" * 4, "\udcfe" * 4)}) == 3

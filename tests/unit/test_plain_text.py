from vpo_monitor.plain_text import plain, plain_line


def test_terminal_colours_control_and_direction_characters_are_taken_out() -> None:
    assert plain("\x1b[31mERROR\x1b[0m:\ta\x07\u202eb\n映画") == "ERROR:\tab\n映画"


def test_half_of_a_surrogate_pair_is_no_text() -> None:
    assert plain("a\ud800b 🎬") == "a?b 🎬"


def test_a_line_is_one_line() -> None:
    assert plain_line("a\nb\u2028c\rd") == "a b cd"

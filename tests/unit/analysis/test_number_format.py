"""Numbers as each viewer's locale writes them."""

import re
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel import localedata

from vpo_monitor.analysis import locale_formats, number_format
from vpo_monitor.analysis.locale_formats import ENGLISH, NumberFormat, format_of
from vpo_monitor.analysis.number_format import change, count, decimal, percent, size, size_unit

NARROW = "\u202f"
FIXED = "\xa0"
NO_LOCALES = (
    *(None, "", "-", "C", "POSIX", "xx", "xx-YY", "root", "und", "deutsch", "*", "de_DE", "x-de"),
    *("en_US.UTF-8@x", "../../etc/passwd", "de/../fr", "de\0", "\ud800", "de\n", "ԁе-DE", "١٢"),
    *("x" * 5000, "xx-" * 2000, "de" * 20, " de-DE"),
)


@pytest.fixture
def viewer(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Whose locale is asked for: the last of the list."""
    locales: list[str | None] = [None]
    monkeypatch.setattr(number_format, "_locale", SimpleNamespace(get=lambda: locales[-1]))
    return locales


@pytest.mark.parametrize(
    ("locale", "numbers"),
    [
        (None, "1,234 12,345 1,234,567 57.3"),
        ("en-US", "1,234 12,345 1,234,567 57.3"),
        ("en-GB", "1,234 12,345 1,234,567 57.3"),
        ("en-IN", "1,234 12,345 12,34,567 57.3"),
        ("de-DE", "1.234 12.345 1.234.567 57,3"),
        ("de", "1.234 12.345 1.234.567 57,3"),
        ("fr-FR", f"1{NARROW}234 12{NARROW}345 1{NARROW}234{NARROW}567 57,3"),
        ("es-ES", "1234 12.345 1.234.567 57,3"),
        ("es-MX", "1,234 12,345 1,234,567 57.3"),
        ("pl-PL", f"1234 12{FIXED}345 1{FIXED}234{FIXED}567 57,3"),
        ("pt-PT", f"1234 12{FIXED}345 1{FIXED}234{FIXED}567 57,3"),
        ("pt-BR", "1.234 12.345 1.234.567 57,3"),
        ("sv-SE", f"1{FIXED}234 12{FIXED}345 1{FIXED}234{FIXED}567 57,3"),
        ("zh-Hans-CN", "1,234 12,345 1,234,567 57.3"),
        ("sr-Latn-RS", "1.234 12.345 1.234.567 57,3"),
        ("ar-EG", "1,234 12,345 1,234,567 57.3"),  # with the digits of all other text
    ],
)
def test_a_locale_has_its_signs(locale: str | None, numbers: str, viewer: list[str | None]) -> None:
    viewer.append(locale)
    said = [count(1234), count(12_345), count(1_234_567), decimal(57.3, 1)]
    assert " ".join(said) == numbers


def test_units_and_signs_stay_where_they_are(viewer: list[str | None]) -> None:
    viewer.append("de-DE")
    assert [size(57_328_609), size(-2000), size(0), size(999), size(None)] == [
        *("57,3 MB", "−2,0 kB", "0 B", "999 B", "–"),
    ]
    assert [percent(45.34, 1), percent(40.0), percent(1234.5, 1)] == ["45,3 %", "40 %", "1.234,5 %"]
    assert [change(1234), change(0), change(-1234)] == ["+1.234", "+0", "−1.234"]
    assert [count(None), count(0), count(-1), count(999)] == ["–", "0", "−1", "999"]


def test_a_decimal_without_places_has_those_that_it_needs(viewer: list[str | None]) -> None:
    viewer.append("de-DE")
    assert [decimal(2.5), decimal(2.0), decimal(100), decimal(0.125), decimal(86_400)] == [
        *("2,5", "2", "100", "0,125", "86.400"),
    ]


def test_without_a_viewer_numbers_are_english() -> None:
    assert [count(1_234_567), size(57_328_609), percent(45.3, 1)] == [
        *("1,234,567", "57.3 MB", "45.3 %"),
    ]


def test_a_size_has_the_unit_that_suits_it_after_rounding() -> None:
    assert [size(value) for value in (999_949, 999_950, 999_999, -999_999, 999_999_999)] == [
        *("999.9 kB", "1.0 MB", "1.0 MB", "−1.0 MB", "1.0 GB"),
    ]
    assert [size(value) for value in (999, 999.4, 999.6)] == ["999 B", "999 B", "1.0 kB"]


def test_sizes_share_a_unit() -> None:
    assert [size_unit(largest) for largest in (0, 999, 1000, 2e12, 3e15)] == [
        *(("B", 1), ("B", 1), ("kB", 1000), ("TB", 10**12), ("TB", 10**12)),
    ]


@pytest.mark.parametrize("locale", NO_LOCALES, ids=lambda locale: ascii(locale)[:20])
def test_what_is_no_locale_is_english(locale: str | None, viewer: list[str | None]) -> None:
    viewer.append(locale)
    assert count(1_234_567) == "1,234,567"


@pytest.mark.parametrize(
    "locale", ["DE-de", "de-DE-u-nu-arab", "de-Latn-DE", "de-ZZ", "de-DE-x" + "-a" * 3000]
)
def test_what_else_a_browser_says_of_its_locale_is_left_out(locale: str) -> None:
    assert format_of(locale) == format_of("de-DE")


def test_whatever_browsers_say_little_is_remembered() -> None:
    known = localedata.exists.cache_info().currsize
    for number in range(2000):
        format_of(f"x{chr(97 + number % 26)}-{number % 900 + 100}-{number}")
        format_of(f"de-{number % 900 + 100}{'-x' * number}")
    kept = locale_formats._format_of.cache_info()
    assert kept.maxsize is not None
    assert kept.currsize <= kept.maxsize
    assert localedata.exists.cache_info().currsize <= known + 10
    assert not localedata._cache
    assert locale_formats._read.cache_info().currsize < len(localedata.locale_identifiers())


def test_each_locale_that_is_known_has_signs_that_can_be_read_again() -> None:
    names = sorted(Path(one).stem for one in localedata.locale_identifiers())[::40]
    for name in names:
        written = format_of(name.replace("_", "-")).format("1234567.5")
        assert re.sub(r"\D", "", written) == "12345675", name


@pytest.mark.parametrize(
    ("digits", "written"),
    [("1", "1"), ("123", "123"), ("1234", "12 34"), ("12345", "1 23 45"), ("0.5", "0:5")],
)
def test_groups_may_be_of_any_size(digits: str, written: str) -> None:
    signs = NumberFormat(" ", ":", primary=2, secondary=2, minimum=2)
    assert signs.format(digits) == written


def test_viewers_at_once_have_their_own() -> None:
    there, said = threading.Barrier(3), dict[str, set[str]]()

    def view(locale: str) -> None:
        number_format.set_locale(locale)
        there.wait()
        said[locale] = {count(1234) for _ in range(200)}

    threads = [threading.Thread(target=view, args=(one,)) for one in ("de-DE", "en-US", "fr-FR")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {"de-DE": {"1.234"}, "en-US": {"1,234"}, "fr-FR": {f"1{NARROW}234"}}
    assert count(1234) == "1,234"


def test_english_takes_nothing_of_a_library() -> None:
    assert format_of("en-US") is format_of(None) is format_of("en") is ENGLISH

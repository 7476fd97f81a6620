"""The docs have every setting, page, badge and error message, and no dead links."""

import ast
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

import vpo_monitor
from scripts import settings_docs
from vpo_monitor.analysis import job_filter
from vpo_monitor.analysis.charts import time_range
from vpo_monitor.analysis.charts.periods import GROUPS
from vpo_monitor.analysis.charts.timeline import Lanes
from vpo_monitor.analysis.charts.timeline_summary import PERIODS
from vpo_monitor.analysis.connection import Connection
from vpo_monitor.analysis.estimates.problems import ProblemKind
from vpo_monitor.analysis.frames import STATUS_LABELS
from vpo_monitor.analysis.job_filter import STATUSES, JobFilter
from vpo_monitor.api import errors
from vpo_monitor.config import DECLARED, load_settings
from vpo_monitor.secrets_files import PREFIX
from vpo_monitor.views import server_choice, timeline_choice, viewer_polling

_ROOT = Path(__file__).parents[2]
_PAGES = sorted([*(_ROOT / "docs").rglob("*.md"), *_ROOT.glob("*.md")])
_PAGE_SCRIPTS = sorted((_ROOT / "pages").glob("*.py"))
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)


def text_of(page: str) -> str:
    return (_ROOT / page).read_text("utf-8")


def name_of(file: Path) -> str:
    return str(file.relative_to(_ROOT))


def rows_of(page: str) -> list[list[str]]:
    """The cells of all tables, without their headers."""
    tables = re.findall(r"(?:^\|.*\|$\n?)+", text_of(page), re.MULTILINE)
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
        for table in tables
        for line in table.splitlines()[2:]
    ]


def ticked(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", _FENCE.sub("", text)))


# Settings


def setting_rows() -> dict[str, list[str]]:
    rows = [
        row for row in rows_of("docs/reference/configuration.md") if row[0].startswith(f"`{PREFIX}")
    ]
    return {row[0].strip("`").removeprefix(PREFIX).lower(): row for row in rows}


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DECLARED:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


def test_every_setting_is_documented_and_no_other() -> None:
    assert list(setting_rows()) == list(DECLARED)


def test_every_setting_is_in_the_example_and_no_other() -> None:
    example = text_of(".streamlit/secrets.toml.example")
    assert re.findall(r"^# (\w+) = ", example, re.MULTILINE) == list(DECLARED)


def test_the_settings_in_the_docs_and_the_example_are_as_declared() -> None:
    """`python -m scripts.settings_docs` writes both."""
    page = text_of("docs/reference/configuration.md")
    assert page == settings_docs.page(page)
    assert text_of(".streamlit/secrets.toml.example") == settings_docs.example()


def test_the_documented_defaults_are_used() -> None:
    settings = load_settings()
    for name, row in setting_rows().items():
        said, value = row[1], getattr(settings, name)
        match value:
            case bool():
                assert said == str(value).lower(), name
            case int() | float():
                assert said == f"{value:g}", name
            case None:
                assert said == "unset", name
            case ():
                assert said == "none", name
            case Path():
                assert value.name in ticked(said), name
            case _:
                assert said == value, name


@pytest.mark.parametrize("beyond", [-1e9, 1e9])
def test_numbers_are_corrected_to_the_documented_ranges(
    beyond: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [
        name
        for name, value in load_settings()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    assert len(numbers) > 5
    monkeypatch.setenv(f"{PREFIX}POLL_INTERVAL", "-1e9")  # the log interval's lower bound
    monkeypatch.setenv(f"{PREFIX}SESSION_DAYS", "1e9")  # the upper bound of those without use
    for name in numbers:
        with monkeypatch.context() as patch:
            patch.setenv(PREFIX + name.upper(), str(beyond))
            corrected = getattr(load_settings(), name)
        low, _to, high = setting_rows()[name][2].split()
        assert float(low if beyond < 0 else high) == corrected, name


# Pages


def parameters_of(script: Path) -> set[str]:
    """The query parameters that a page and the views that it imports read."""
    if script.stem == "jobs":
        return {field.name for field in fields(JobFilter)} | {"selected"}
    source = _of(script)
    if "import timeline_choice" in source:
        source += _of(Path(timeline_choice.__file__)) + _of(Path(time_range.__file__))
    read = re.findall(r'query_params\.get\("(\w+)"', source)
    chosen = re.findall(r'url_choice\(\s*"[\w ]+",\s*"([\w-]+)"', source)
    ranges = (time_range.FROM, time_range.TO) if "query.get(FROM" in source else ()
    return {*read, *chosen, *ranges}


def _of(file: Path) -> str:
    return file.read_text("utf-8")


def test_every_page_is_documented_with_its_path_and_no_other() -> None:
    said = {row[1] for row in rows_of("docs/reference/pages.md") if row[1].startswith("`/")}
    scripts = {"/" if script.stem == "overview" else f"/{script.stem}" for script in _PAGE_SCRIPTS}
    assert {one.strip("`") for one in said} == scripts
    for script in _PAGE_SCRIPTS:
        assert name_of(script) in ticked(text_of("docs/reference/pages.md"))


def test_every_query_parameter_is_documented_and_no_other() -> None:
    for section in text_of("docs/reference/pages.md").split("\n## ")[1:]:
        script = next(
            (one for one in _PAGE_SCRIPTS if f"Source: `{name_of(one)}`" in section), None
        )
        said = set(re.findall(r"^\| `([\w-]+)` \|", section, re.MULTILINE))
        assert said == (set() if script is None else parameters_of(script)), section[:20]
    of_all = ticked(text_of("docs/reference/pages.md").split("\n## ")[0])
    assert {viewer_polling.PARAMETER, server_choice.PARAMETER} <= of_all


def test_every_value_of_a_parameter_is_documented() -> None:
    said = {row[0].strip("`"): ticked(row[1]) for row in rows_of_section("Jobs")}
    for parameter, choices in job_filter._CHOICES.items():
        assert said[parameter] == set(choices), parameter
    times = {row[0].strip("`"): ticked(row[1]) for row in rows_of_section("Timeline")}
    assert (times["since"], times["by"]) == (set(PERIODS), set(Lanes))
    groups = {row[0].strip("`"): ticked(row[1]) for row in rows_of_section("Statistics")}
    assert groups["stats-by"] == set(GROUPS)
    intervals = {*viewer_polling._CHOICES, viewer_polling._OFF}
    assert intervals <= ticked(text_of("docs/reference/pages.md").split("\n## ")[0])


def rows_of_section(heading: str) -> list[list[str]]:
    section = _section("docs/reference/pages.md", heading)
    return [
        row for row in rows_of("docs/reference/pages.md") if f"| {' | '.join(row)} |" in section
    ]


# Badges


def test_every_badge_is_documented_and_no_other() -> None:
    disconnected = re.search(
        r'isLate \? "([^"]+)"', text_of("vpo_monitor/views/frontend/status.js")
    )
    assert disconnected is not None
    section = _section("docs/reference/badges.md", "The connection")
    said = re.findall(r"^\| ([A-Z][\w ]+?) \|", section, re.MULTILINE)[1:]  # without the header
    assert said == [*Connection, disconnected[1]]


def test_every_status_and_problem_is_documented_and_no_other() -> None:
    said = re.findall(
        r"^\| `(\w+)` \| (.+?) \|", _section("docs/reference/badges.md", "Jobs"), re.MULTILINE
    )
    assert said == [(status, STATUS_LABELS[status]) for status in STATUSES]
    section = _section("docs/reference/badges.md", "Problems")
    suspected = re.findall(r"^\| ([a-z][\w ]+?) \|", section, re.MULTILINE)
    assert suspected == [*ProblemKind, "no active workers"]


def _section(page: str, heading: str) -> str:
    found = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", text_of(page), re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[1]


# Error sentences

_ANYTHING = "…"
_HERE = (
    "access/*.py",
    "api/*.py",
    "config.py",
    "analysis/connection.py",
    "analysis/job_filter.py",
    "history/store.py",
    "polling/**/*.py",
    "secrets_files.py",
    "share.py",
    "views/placeholder.py",
    "views/saved_views.py",
    "web/*.py",
)
"""Modules whose sentences are all messages."""
_TOLD = ("error", "warning", "info")
"""Streamlit elements with which pages and other views show messages."""
_ELSEWHERE = ("print", "add_argument", "Field")
"""Calls of commands and declarations with text that is not an error."""


def sentences(source: str, *, only_told: bool = False) -> Iterator[str]:
    """The sentences in a module, with `…` for inserted values, without docstrings."""
    nodes = list(ast.walk(ast.parse(source)))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    skipped = {node.value for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            skipped |= set(node.values)
    for call in calls:
        if _name(call) in _ELSEWHERE:
            skipped |= set(_arguments(call))
    told = itertools.chain(*(_arguments(call) for call in calls if _name(call) in _TOLD))
    for node in told if only_told else nodes:
        text = "" if node in skipped else _text(node)
        if len(re.findall(r"\w{2,}", text.replace(_ANYTHING, " "))) > 2 and _is_sentence(text):
            yield _plain(text)


def _is_sentence(text: str) -> bool:
    return "\n" not in text and (text.endswith(".") or ". " in text)


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    if isinstance(node, ast.FormattedValue):
        return _ANYTHING
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"%(\.\d)?[sdf]", _ANYTHING, node.value)
    return ""


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[`*]", "", text).split())


def shape(sentence: str) -> re.Pattern[str]:
    parts = re.split(f"{_ANYTHING}+", sentence)
    return re.compile(".{1,160}".join(map(re.escape, parts)))


def documented() -> tuple[str, ...]:
    """The first column of the tables, and the headings as sentences."""
    page = "docs/reference/error-messages.md"
    headings = [f"{heading}." for heading in _HEADING.findall(text_of(page))]
    return (*(_plain(row[0]) for row in rows_of(page)), *headings)


def _errors_said() -> list[tuple[str, str]]:
    package = _ROOT / "vpo_monitor"
    whole = {file for pattern in _HERE for file in package.glob(pattern)}
    parts = {*_PAGE_SCRIPTS, *(package / "views").glob("*.py")} - whole
    said = [(name_of(file), one) for file in sorted(whole) for one in sentences(_of(file))]
    for file in sorted(parts):
        said += [(name_of(file), one) for one in sentences(_of(file), only_told=True)]
    return said


def test_every_error_message_has_its_fix_in_the_docs() -> None:
    said = _errors_said()
    known = documented()
    undocumented = [(file, one) for file, one in said if not any(map(shape(one).fullmatch, known))]
    assert undocumented == []
    assert len(said) > 90  # fewer if the search misses some


def test_every_documented_message_is_one_that_the_app_shows() -> None:
    files = [*_PAGE_SCRIPTS, *(_ROOT / "vpo_monitor").rglob("*.py")]
    said = [shape(one) for file in files for one in sentences(_of(file))]
    messages = [_plain(row[0]) for row in rows_of("docs/reference/error-messages.md")]
    assert [one for one in messages if not any(like.fullmatch(one) for like in said)] == []


def test_an_undocumented_message_would_be_found() -> None:
    source = '"""A docstring. It is none."""\nraise Broken(f"{name} has broken down. Mend {it}.")'
    (found,) = sentences(source)
    assert found == "… has broken down. Mend …."
    assert not any(map(shape(found).fullmatch, documented()))


def _kinds(of: type[errors.VpoError]) -> Iterator[type[errors.VpoError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


def test_every_error_class_is_documented() -> None:
    kinds = {
        kind.__name__ for kind in _kinds(errors.VpoError) if kind.__module__ == errors.__name__
    }
    page = text_of("docs/contribute/architecture.md")
    assert {name for name in kinds if not name.startswith("_")} <= ticked(page)


# Links and commands


def anchors_of(text: str) -> set[str]:
    """The anchors of headings on GitHub; `make docs` checks those of the site."""
    found = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        bare = re.sub(r"\[([^]]+)]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", bare).strip().replace(" ", "-"))
    return found


def broken_links(file: Path, text: str) -> list[str]:
    broken = []
    for link in re.findall(r"]\(([^)\s]+)\)", _FENCE.sub("", text)):
        where, _hash, anchor = link.partition("#")
        if re.match(r"\w+:", link):
            continue
        target = (file.parent / where).resolve() if where else file
        is_there = target == file or target.exists()
        if is_there and anchor:
            is_there = anchor in anchors_of(text if target == file else _of(target))
        if not is_there:
            broken.append(link)
    return broken


def test_every_link_leads_somewhere() -> None:
    broken = {name_of(file): broken_links(file, _of(file)) for file in _PAGES}
    assert {name: links for name, links in broken.items() if links} == {}


def test_links_that_lead_nowhere_would_be_found() -> None:
    text = "# A title, long\n[a](none.md) [b](index.md#none) [c](#a-title-long) [d](https://x.y)"
    assert broken_links(_ROOT / "docs" / "made-up.md", text) == ["none.md", "index.md#none"]


def targets_said(text: str) -> set[str]:
    """The targets of `make` in inline code and code blocks."""
    code = [*_FENCE.findall(text), *ticked(text)]
    words = r"(?:^|[\s;&`'])make +((?:[A-Z]+=\S+ +)*)([a-z][a-z-]*)"
    return {found[1] for piece in code for found in re.findall(words, " ".join(piece.split()))}


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", text_of("Makefile"), re.MULTILINE))


def test_every_make_target_in_the_docs_exists() -> None:
    missing = {name_of(file): targets_said(_of(file)) - targets() for file in _PAGES}
    assert {name: words for name, words in missing.items() if words} == {}


def test_make_targets_are_found_in_the_docs() -> None:
    assert {"run", "test", "lock"} <= targets_said(text_of("CONTRIBUTING.md"))
    assert targets_said("`X=1 make none` and `make A=b other`, but make no sense") == {
        "none",
        "other",
    }


def test_make_help_lists_every_target() -> None:
    helped = set(re.findall(r"^([a-z-]+):.*## ", text_of("Makefile"), re.MULTILINE))
    assert helped == targets()


def files_named() -> list[tuple[str, str]]:
    """Each page with each path that it names, relative to the repository or to its tests."""
    return [
        (name_of(page), path)
        for page in _PAGES
        for code in sorted(ticked(_of(page)))
        if "NAME" not in code and re.fullmatch(r"[\w.-]+/[\w./-]*", code)
        for folder, path in [(code.partition("/")[0], code)]
        if (_ROOT / folder).is_dir() or (_ROOT / "tests" / folder).is_dir()
    ]


def test_the_files_that_the_docs_name_exist() -> None:
    made_later = {"site/", ".streamlit/secrets.toml"}  # by `make docs`, and by hand
    roots = (_ROOT, _ROOT / "tests")
    assert [
        (page, path)
        for page, path in files_named()
        if path not in made_later and not any((root / path).exists() for root in roots)
    ] == []


# Figures


def test_the_documented_figures_are_those_measured() -> None:
    measured = {one["what"]: one for one in json.loads(text_of("bench/figures.json"))}
    rows = [
        (measured[row[0]], row[1:])
        for page in ("docs/concepts/limitations.md", "docs/contribute/benchmarks.md")
        for row in rows_of(page)
        if row[0] in measured
    ]
    assert len(rows) == 7
    for figure, cells in rows:
        shown = [float(re.sub(r"[^\d.]", "", cell)) for cell in cells]
        assert shown == pytest.approx([figure["app"], figure["baseline"]], rel=0.02), figure


# Habits


def test_the_newest_heading_of_the_changelog_is_this_version_or_unreleased() -> None:
    newest = re.search(r"^## \[([^]]+)]", text_of("CHANGELOG.md"), re.MULTILINE)
    assert newest is not None
    assert newest[1] in {"Unreleased", vpo_monitor.__version__}
    assert re.fullmatch(r"\d+\.\d+\.\d+", vpo_monitor.__version__)


def test_the_site_fetches_nothing_and_has_every_page() -> None:
    site = yaml.safe_load(text_of("mkdocs.yml"))
    assert site["theme"]["font"] is False
    assert "mermaid" not in text_of("mkdocs.yml")  # which the theme would fetch
    for key in ("extra_javascript", "extra_css"):
        assert not [one for one in site.get(key, []) if "//" in one]
    within = set(re.findall(r"[\w/-]+\.md", str(site["nav"])))
    docs = _ROOT / "docs"
    assert {file.relative_to(docs).as_posix() for file in docs.rglob("*.md")} <= within

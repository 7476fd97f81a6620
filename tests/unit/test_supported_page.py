"""The site's page of supported versions lists what the recordings hold."""

import json
from pathlib import Path

from mkdocs.config import load_config
from mkdocs.structure.files import Files

from scripts import supported_page

_ROOT = Path(__file__).parents[2]
_RECORDINGS = _ROOT / "tests" / "data" / "recordings"


def recording(folder: Path, name: str, request: str, status: int = 200, **body: str) -> None:
    one = {"request": request, "status": status, "headers": {}, "body": body}
    (folder / f"{name}.json").write_text(json.dumps(one), "utf-8")


def test_it_lists_every_version_newest_first_and_every_route(tmp_path: Path) -> None:
    recording(tmp_path, "about", "/api/about", version="0.2.0")
    recording(tmp_path, "health_healthy", "/health", version="0.10.1")
    recording(tmp_path, "health_503", "/health", 503, version="0.9.0")
    recording(tmp_path, "library", "/api/library/11?b=1&a=2", version="9.9.9")
    page = supported_page.supported_page(tmp_path)
    assert "| 0.10.1 |\n| 0.9.0 |\n| 0.2.0 |\n" in page
    assert "9.9.9" not in page
    assert "| `/health` | none | 200, 503 |" in page
    assert "| `/api/library/{id}` | `a`, `b` | 200 |" in page


def test_the_site_has_it_from_the_recordings_of_the_tests() -> None:
    config = load_config(str(_ROOT / "mkdocs.yml"))
    files = config.plugins.on_files(Files([]), config=config)
    page = files.get_file_from_path("reference/supported.md")
    assert page is not None
    about = json.loads((_RECORDINGS / "about.json").read_text("utf-8"))
    assert f"| {about['body']['version']} |" in page.content_string
    assert f"{len(list(_RECORDINGS.glob('*.json')))} recorded answers" in page.content_string
    assert "`/api/stats/files/{id}`" in page.content_string
    assert "reference/supported.md" in str(config.nav)

"""MkDocs hooks that add pages and linked files from outside docs/ to the site.

Links are written for GitHub. Those that lead out of docs/ are rewritten to a copy in the site.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_ROOT = Path(__file__).parents[1]
_PAGES = {
    "SECURITY.md": "concepts/security.md",
    "CONTRIBUTING.md": "contribute/setup.md",
    "CHANGELOG.md": "contribute/changelog.md",
    "bench/figures.md": "contribute/figures.md",
}
"""Pages outside docs/, with their paths in the site."""
_SOURCES = "source"
"""The site's directory for linked files."""
_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)\s#]+)(#[^)\s]*)?(?=\))")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from the root directory, and all linked files."""
    for name, within in _PAGES.items():
        files.append(File.generated(config, within, content=(_ROOT / name).read_text("utf-8")))
    linked: set[str] = set()
    for file in files.documentation_pages():
        for link in _LINK.finditer(file.content_string):
            at = _in_repository(file.src_uri, link[1])
            if not at.endswith(".md") and not at.startswith("docs/"):
                linked.add(at)
    for name in sorted(linked):
        source = str(_ROOT / name)
        # As text, which browsers display; they would download files that look like programs.
        added = File.generated(config, f"{_SOURCES}/{name}.txt", abs_src_path=source)
        files.append(added)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - MkDocs requires these names
    """Rewrite the links that lead out of docs/ to the copies in the site."""
    here = page.file.src_uri

    def turned(link: re.Match[str]) -> str:
        at = _in_repository(here, link[1])
        if at in _PAGES:
            at = _PAGES[at]
        elif at.startswith("docs/"):
            at = at.removeprefix("docs/")
        else:
            at = f"{_SOURCES}/{at}.txt"
        return posixpath.relpath(at, posixpath.dirname(here) or ".") + (link[2] or "")

    return _LINK.sub(turned, markdown)


def _in_repository(page: str, link: str) -> str:
    """Return the target of a page's link, relative to the repository's root."""
    root = {within: name for name, within in _PAGES.items()}
    folder = posixpath.dirname(root.get(page, f"docs/{page}"))
    return posixpath.normpath(posixpath.join(folder, link))

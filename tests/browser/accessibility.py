"""What axe finds on a page (https://github.com/dequelabs/axe-core)."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def serious_violations(page: Page) -> dict[str, list[str]]:
    """The elements that break a rule, by rule, where axe calls that serious or critical."""
    return {
        violation["id"]: [node["html"][:200] for node in violation["nodes"]]
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
    }

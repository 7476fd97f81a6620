"""What one step of the check has found."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What is to be made of a finding."""

    GOOD = "good"
    MEND = "mend"
    UNTRIED = "not tried"


@dataclass(frozen=True)
class Finding:
    """`tried` is a word, `said` what was found and, where something is to be mended, how.

    It is one line of text that holds no secret.
    """

    tried: str
    verdict: Verdict
    said: str


def good(tried: str, said: str) -> Finding:
    """Nothing is to be done."""
    return Finding(tried, Verdict.GOOD, said)


def mend(tried: str, said: str) -> Finding:
    """Something is to be done."""
    return Finding(tried, Verdict.MEND, said)


def untried(tried: str, why: str) -> Finding:
    """It could not be tried, because of what another finding says."""
    return Finding(tried, Verdict.UNTRIED, why)


def how_many(to_mend: int) -> str:
    """How many findings say that something is to be mended, in words."""
    return f"{to_mend} thing{'' if to_mend == 1 else 's'} to mend."

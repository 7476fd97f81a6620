"""Throws faults from lines of text, for whoever runs the demo server alone."""

from .faults import Fault, FaultOptions, Faults

HELP = """a line turns a fault on or off while the server runs:
  FAULT [OPTION=VALUE ...]   database_locked seconds=10, malformed kind=html routes=jobs,job, …
  clear [FAULT]              that fault off, or all of them
  faults                     what is on"""


def obey(line: str, faults: Faults) -> str:
    """Do what a line says and return the sentence that answers it; never raises."""
    words = line.split()
    match words:
        case []:
            return ""
        case ["faults"]:
            return ", ".join(faults.active()) or "No fault is on."
        case ["clear"]:
            faults.clear()
            return "All faults are off."
        case ["clear", name] if name in set(Fault):
            faults.clear(Fault(name))
            return f"{name} is off."
        case [name, *rest] if name in set(Fault):
            try:
                faults.set(Fault(name), **_options(rest))
            except (TypeError, ValueError) as error:
                return f"{error}."
            return f"{name} is on."
    return f"Unknown fault or command. The faults are {', '.join(Fault)}; or: clear, faults."


def _options(words: list[str]) -> FaultOptions:
    options: FaultOptions = {}
    for word in words:
        name, _, value = word.partition("=")
        match name:
            case "seconds":
                options["seconds"] = float(value)
            case "retry_after":
                options["retry_after"] = value or None
            case "kind":
                options["kind"] = value
            case "routes":
                options["routes"] = value.split(",")
            case _:
                raise ValueError(
                    f"Unknown option {name}. Options: seconds, retry_after, kind, routes"
                )
    return options

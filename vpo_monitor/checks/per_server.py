"""The settings of each server to check."""

from pydantic import SecretStr

from vpo_monitor.api.server import Server
from vpo_monitor.config import Origin, Settings
from vpo_monitor.secrets_files import FILE, ServerList


def per_server_settings(
    settings: Settings, only: str | None = None
) -> list[tuple[str | None, Settings]]:
    """Yield each server's name, with the settings as if it were the only server.

    The name is None if no servers are listed. If a server is named `only`, only that one is
    yielded. Nothing is yielded if no listed server is usable.
    """
    if not settings.server_list.is_given:
        return [(None, settings)]
    listed = settings.server_list.servers
    wanted = [one for one in listed if only and one.name.casefold() == only.casefold()]
    return [(one.name, _of(one, settings)) for one in wanted or listed]


def _of(server: Server, settings: Settings) -> Settings:
    name = server.name
    origins = {
        "api_url": Origin(f"the address of {name}", FILE),
        "api_token": Origin(f"the token of {name}", FILE),
    }
    return settings.model_copy(
        update={
            "api_url": SecretStr(server.url),
            "api_token": server.token,
            "origins": settings.origins | origins,
            "server_list": ServerList(),
            "unread_file": None,
        }
    )

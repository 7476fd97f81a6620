"""Puts together what a process needs to share its poll with others."""

import logging
import secrets
from typing import Any

from pydantic import SecretStr

from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.json_http import JsonHttp, Params
from vpo_monitor.api.server import Server
from vpo_monitor.polling import clock
from vpo_monitor.polling.fetch_requirements import FetchRequirements
from vpo_monitor.polling.queries import Priority
from vpo_monitor.polling.shared.address import NoStore, open_store
from vpo_monitor.polling.shared.answers import SharedAnswers
from vpo_monitor.polling.shared.budget import SharedBudget
from vpo_monitor.polling.shared.guard import Guard
from vpo_monitor.polling.shared.keys import Keys

_log = logging.getLogger(__name__)


class Answered:
    """One fetch's way to the answers: what a client asks with."""

    def __init__(self, answers: SharedAnswers, need: FetchRequirements) -> None:
        self._answers = answers
        self._need = need

    @property
    def clock_ahead(self) -> float:
        """Seconds by which the server's clock is ahead of ours; 0 where that is not known."""
        return self._answers.clock_ahead

    def get(self, path: str, params: Params | None = None, *, accept_503: bool = False) -> Any:
        """The JSON of a path; raises a VpoError, or BudgetExhausted where no request is free."""
        return self._answers.get(self._need, path, params, accept_503=accept_503)


class Sharing:
    """The clients of one server through which this process asks together with others.

    `url` is the store's address, as `setting` has it. What is wrong with it, or with the store, is
    logged once; then each client asks by itself.
    """

    def __init__(self, server: Server, url: SecretStr, setting: str, per_minute: int) -> None:
        self._server = server
        self._http = JsonHttp(server)
        self._answers: SharedAnswers | None = None
        self._problem: str | None = None
        try:
            store = open_store(url, setting)
        except NoStore as error:
            self._problem = str(error)
            _log.warning("%s", error)
            return
        keys = Keys(server)
        self._guard = Guard(store, setting)
        budget = SharedBudget(self._guard, keys.budget, secrets.token_hex(8), per_minute)
        self._answers = SharedAnswers(self._http, self._guard, keys, budget)

    @property
    def problem(self) -> str | None:
        """Why this process polls on its own now, in a sentence; None where it does not."""
        return self._problem if self._answers is None else self._guard.problem

    @property
    def client(self) -> VpoClient:
        """A client for what others have not asked for."""
        now = clock.now()
        return self.client_for(FetchRequirements(now, 0.0, now, Priority.IN_VIEW, now))

    def client_for(self, need: FetchRequirements) -> VpoClient:
        """The client of one fetch, which raises BudgetExhausted where no request is free."""
        if self._answers is None:
            return VpoClient(self._server, http=self._http)
        return VpoClient(self._server, http=Answered(self._answers, need))

"""A live dashboard of the job queue of a Video Policy Orchestrator (VPO) server."""

__version__ = "0.1.0"

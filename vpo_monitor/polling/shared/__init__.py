"""Several processes of this app share one poll: one leads and makes the requests for all.

What is shared is the answer to one GET, through Redis. `docs/how-to/scale-out.md` says when and
how; nothing here is imported unless a store is set.
"""

"""Several processes of this app share their requests: each is made by one of them, for all.

What is shared is the answer to one GET, through Redis. `docs/how-to/scale-out.md` says when and
how; nothing here is imported unless a store is set.
"""

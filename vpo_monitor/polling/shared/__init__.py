"""Several processes of this app ask a server once: what one was told, the others find in a store.

What is shared is one answer to one GET. `docs/how-to/scale-out.md` tells when and how; nothing
here is imported unless a store is set.
"""

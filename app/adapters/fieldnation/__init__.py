"""Field Nation's REST API v2 and its webhook API behind the ports for work orders, their parts and webhooks.

`wire`, `answers`, `listing` and `embedded` know the protocol and do no I/O; `auth` keeps the one token; `session`
sends through the door in `adapters.http` for `client`, `parts` and `webhooks`. Nothing here decides what to write,
and nothing tries twice except with a fresh token.
"""

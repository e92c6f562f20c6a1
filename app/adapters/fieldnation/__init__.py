"""Field Nation's REST API v2 behind the work order port.

`wire` and `answers` know the protocol and do no I/O; `auth` keeps the one token; `client` sends through the door in
`adapters.http`. Nothing here decides what to write, and nothing tries twice except with a fresh token.
"""

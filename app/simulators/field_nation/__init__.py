"""A stand-in for Field Nation: its REST API v2, its webhooks v3, its token endpoint, with state in memory.

Law: keep the truth of several buyer companies, misbehave only on command, show everything under `/_sim/`.
Imports nothing from the rest of `app`; is never more lenient than the vendor is known to be.
"""

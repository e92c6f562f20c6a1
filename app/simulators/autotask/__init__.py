"""The Autotask PSA REST API as a server with state, several customer databases on one address.

Everything a client may rely on is checked as the vendor checks it; nothing here is more lenient than the vendor.
Imports nothing of the broker; only `clock` reads time, only `app` and `delivery` touch the network.
"""

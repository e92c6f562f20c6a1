"""The web: it verifies, reads, calls one service and renders the answer.

It knows no SQL, no vendor and no settings, opens no transaction, decides nothing about the business, and never waits
for a vendor on the trigger path. Trouble of ours is 503 with `Retry-After`, never a 4xx and never a 500.
"""

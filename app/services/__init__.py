"""Services tell one story each: they await ports, call the core, and log one line per result.

They hold no transaction across a remote call, mention no status code, column or URL, and never retry.
"""

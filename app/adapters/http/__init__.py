"""The one door to the network: a request value goes in, an answer value or a `Failure` comes out.

It checks addresses, deadlines and gates, and says exactly whether anything left this process. It knows no vendor.
"""

"""The Autotask side: `wire` understands requests and answers, `session` makes calls, `client` answers the ports.

It may translate, page and throttle. It decides nothing about what to write, and repeats a call only where
the vendor moved a database to another zone.
"""

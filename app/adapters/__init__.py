"""Adapters answer the ports: one room per technology.

They may translate, page, throttle and name SQL. They never decide what to write, never loop over retries, and never
call one another; `http` is the door that the vendors' rooms share.
"""

"""Customers' Jsonnet programs, each connection's in a jailed process of its own.

Parent: scripts (the port), process (one child), verdicts, encoding, nesting. Child: evaluator, lockdown, seccomp,
natives. Both: frames, limits. The evaluator is never imported by the parent, and reads nothing after its lock-down.
"""

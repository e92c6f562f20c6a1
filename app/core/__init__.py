"""The core decides: frozen values and functions, nothing else.

It may build and compare values and return findings. It never awaits, logs, reads a clock or the environment,
changes an argument, or raises because of bad *data*.
"""

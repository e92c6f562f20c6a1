"""Ports: the questions the stories ask of the world, as Protocols named by role.

They know only nouns. No port has more than eight methods, and every answer that can fail raises a `Failure`.
"""

"""Mapping turns one document into values for another: paths, rules, names of both vendors, dates, engine.

Bad rules and bad data end in findings with the path and the value; nothing here raises for them, changes an
argument, reads a clock, or knows what a planner does with the values.
"""

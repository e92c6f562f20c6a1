"""Intake reads bytes down to the things they name, or to one sentence about what is wrong with them.

It never raises, whatever arrives, and never believes more of a body than an id: every fact is read afresh later.
Signatures are checked over raw bytes; secrets are compared in constant time and appear in no text.
"""

"""Separate HTTP servers that stand in for the vendors, one package each.

They import nothing of the broker and nothing of the broker imports them: a misreading cannot stand on both sides.
They are as strict as the vendor, remember everything, misbehave on command and tell their truth under `/_sim/`.
"""

"""What the vendor demands of single entities beyond field metadata, one module per entity family.

A rule reads the database and the written values, completes them, or raises the vendor's own error text.
Rules never touch HTTP, time or other rules; `registry` is the one list of who rules what.
"""

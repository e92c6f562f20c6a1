"""The nouns: frozen values that every other room may speak of.

Each module holds one noun. Nothing here knows how a value is stored, sent or shown.
"""

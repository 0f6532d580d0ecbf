"""Hostile code in the place of a reader: what whoever takes over a parser may try."""

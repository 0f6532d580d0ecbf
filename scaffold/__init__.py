"""Skeletons of what the project is made of, for whoever adds one.

Put here: one module for each kind of thing, its templates in a folder. Keep out: anything that runs later.
"""

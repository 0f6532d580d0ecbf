"""Files of a home: written whole or not at all, and by one process at a time.

Put here: file names, renames, locks. Keep out: what is in the files.
"""

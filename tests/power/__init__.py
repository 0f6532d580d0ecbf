"""The power is cut: what a disk may hold then, and whether the next run recovers from it."""

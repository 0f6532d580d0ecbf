"""`make attack`: the attacks of the tests, counted by kind, and a fuzz run over what reads foreign text.

A test is an attack where it is marked `attack` with its kind; the kinds are rows of a table in
`docs/security.md`, whose counts `make attack` writes.

    python -m tests.attack [--minutes 60] [--seed 7] [--count]

Put here: counting, the table. Keep out: an attack with a known answer (a test, marked `attack`).
"""

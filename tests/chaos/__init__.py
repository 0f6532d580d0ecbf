"""Kills, full disks and readers at every moment: `make chaos`; a short version is in the tests.

A run that is to die is forked from a process that has all imports behind it, so that nearly every instant
of its life is one in which it writes. The code under test holds nothing for these tests.
"""

"""Faults on purpose: kills, cuts, full disks, garbage; and an oracle that looks after.

`python -m tests.fault --help` runs them as often as wanted; pytest runs each a little.
"""

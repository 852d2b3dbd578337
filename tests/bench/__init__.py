"""Measurements as ratios beside a peer in the same run; never a timed test. `python -m tests.bench [NAME]`."""

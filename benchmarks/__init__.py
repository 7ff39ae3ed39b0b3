"""Performance, as ratios measured in one run. Never a timed test."""

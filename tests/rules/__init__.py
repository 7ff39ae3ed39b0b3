"""House rules, each shown to bite."""

"""An EPJ as an outsider would write it: imports the contracts and nothing else of ours, and reads `read_committed`."""

"""An EPJ and a portal as outsiders would write them: they import the contracts and nothing else of ours, and read `read_committed`."""

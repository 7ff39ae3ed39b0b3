"""The protocol itself as a model, small enough to try every unlucky moment. It imports nothing of the hub and needs no server."""

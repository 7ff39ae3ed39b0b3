"""The checker of a certificate: what the topics and the letters say about what became of each message and command.

It imports the contracts and the standard library, and nothing else of ours or of anybody's: it believes neither the hub nor the one who
sent. Pure: it reads no topic and no database, it is handed what stood there.
"""

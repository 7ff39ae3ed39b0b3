"""The doors of a cluster: who may do what (table 5), by which password, and how much. Written by whoever administers it, never by a worker.

Never takes a right or a password away that it was not told to, and never shows a password.
"""

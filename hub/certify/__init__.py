"""The certificate: real brokers, a real database and several workers, traffic of all kinds, harm by a seeded schedule, and the verdict.

What is driven and broken is here; what is judged is `checker`'s, which knows nothing of this package. Starts everything itself, in a
folder of its own, and ends it; never touches a cluster or database of anybody's.
"""

"""What is wrong with what the hub stands on, in words, with what to do. It looks and tells: it never mends, and never writes anywhere."""

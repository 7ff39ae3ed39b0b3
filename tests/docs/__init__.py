"""What is written for people is held to what the code does."""

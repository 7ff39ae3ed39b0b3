"""What a release is looked over with and carries."""

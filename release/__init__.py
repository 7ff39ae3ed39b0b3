"""What a release is looked over with and carries: known weaknesses of what it stands on, and the list of that. Never part of the hub."""

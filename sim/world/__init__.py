"""What is believed about the world. No randomness, no arrays of runs."""

"""What bargaining theory says: pure functions on arrays."""

"""What a person has shown (checks, training), by whom it was seen, and until when it holds."""

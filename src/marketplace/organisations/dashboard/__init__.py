"""What an organisation's people come home to, and its details."""

"""The picture of an organisation."""

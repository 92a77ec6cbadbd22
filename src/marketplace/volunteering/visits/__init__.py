"""Regular visits of one volunteer, arranged with the coordinator at a private address."""

"""People, for the administrators: found by their address, suspended, given roles, erased."""

"""Writing about bookings: one thread each, and the same to a whole shift or role."""

"""Reading opportunities before the public does: the queue of organisations not yet trusted."""

"""Pages and forms: rendering, binding, refusing, and what stands before every request."""

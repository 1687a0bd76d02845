"""One entry per standard that others speak with us: rules without HTTP, and the route beside them."""

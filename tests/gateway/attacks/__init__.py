"""Every attack on the way through the gateway, in HTTP/1.1 and in HTTP/2, and what becomes of it."""

"""Forward auth: nginx, Traefik, Caddy, HAProxy and a foreign Envoy ask the same check before each request."""

from assay.protocols.forward_auth.listener import ForwardAuth

__all__ = ["ForwardAuth"]

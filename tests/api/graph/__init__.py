"""The resources of the Graph API, over its socket and on what real flows made."""

"""The resources of the Graph API: one file per noun, each with its ROUTES; `graph_api.py` puts them together."""

"""The admin API: Microsoft Graph's paths and shapes where Graph has the resource, ours elsewhere."""

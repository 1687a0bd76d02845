"""OData 4 as Microsoft Graph speaks it: query options in, pages out; pure, and strict about what it reads."""

"""The API's routes, one file per noun; each only translates between its shapes and one flow."""

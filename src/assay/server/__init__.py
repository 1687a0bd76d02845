"""The composition root: settings in, running service out; nothing but the command line imports it.

It exports nothing: commands that want its settings or read a backup must not wait for the service's imports.
"""

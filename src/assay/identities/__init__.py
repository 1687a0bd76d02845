"""People, their groups and their authentication methods: what is known of each, its rules, its records."""

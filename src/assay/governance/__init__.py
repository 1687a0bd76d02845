"""Who may: directory roles, app assignments, and the stored policies with their versions."""

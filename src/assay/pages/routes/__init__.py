"""The routes: each translates a request into one call of a flow, and the flow's answer back."""

"""How fast the policy engine decides, beside engines that were given the same rules (`./run bench policy`)."""

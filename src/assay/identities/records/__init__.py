"""The tables of people, groups and methods, a file per noun; every function takes its transaction first."""

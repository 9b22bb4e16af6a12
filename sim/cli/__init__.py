"""The command `parley`: settings and arguments in, objects at once, words out."""

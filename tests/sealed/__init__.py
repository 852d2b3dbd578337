"""The window in a network of its own, where every look-up and every connection ends in a sink that counts it."""

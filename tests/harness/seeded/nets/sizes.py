"""Sizes that both sides of the small networks share."""

CLASSES = 5

#: The image network.
CHANNELS, GROUPS = 16, 2

#: The attention network.
TOKENS, WIDTH, HEADS = 6, 16, 2

#: The text network: enough words for float16 to confuse some.
WORDS, EMBEDDED, HIDDEN = 4096, 12, 8

#: The decoder: latent values in, channels and plane after the first Linear.
LATENT, DEEP, PLANE = 6, 8, (3, 2)

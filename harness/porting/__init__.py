"""A first port of a torch network: MindSpore source written from the built module and its code."""

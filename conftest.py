"""The repository's own runs use the plugin that an installed harness registers by itself."""

pytest_plugins = ["harness.plugin"]

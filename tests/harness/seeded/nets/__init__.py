"""Small correct pairs outside the ResNet family, for the seeded bugs: layers that it has not."""

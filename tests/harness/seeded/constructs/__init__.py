"""What a port's construct says instead of the right thing; MindSpore reads it from real files."""

"""Encoders and gates whose parameters one side joins and the other has in parts."""

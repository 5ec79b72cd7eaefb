"""What the checks of data pipelines are made of: tagged records, hypotheses, drawn parameters."""

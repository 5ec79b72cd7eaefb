"""The API map: what each torch API becomes in MindSpore, as data that a run stands behind.

``rows/`` holds what we say, ``executed/`` what the installed versions said when they were asked.
"""

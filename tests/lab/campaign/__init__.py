"""The fault campaign: one scenario a file in scenarios/, played on the node lab, with the design's laws watched past the product."""

"""What both command lines share: options, logging, the regions to survey, and the sources of secrets."""

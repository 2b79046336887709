"""What both command lines share: options, logging, the regions to look at, and where secrets come from."""

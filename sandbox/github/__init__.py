"""GitHub: the issues of one repository over REST."""

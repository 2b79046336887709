"""Who is to be told for an org, whoever knows it."""

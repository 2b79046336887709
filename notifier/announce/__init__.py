"""Announces a window besides the mails: the incident on the status page, the team's issue."""

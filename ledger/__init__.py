"""The team's durable memory: which mails were sent to whom for which window, and which runs are alive."""

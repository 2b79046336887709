"""GOV.UK Notify: its API for e-mail, what it makes of a mail, and the mails that it has accepted."""

"""The window of these tests: a day in summer, when London is an hour ahead of UTC."""

from zoneinfo import ZoneInfo

from notifier.window import maintenance_window

WINDOW = maintenance_window("2031-06-17", "0900-1100", ZoneInfo("Europe/London"))

"""What somebody who means harm may put on an inbox, and that it costs little and gets its designed answer."""

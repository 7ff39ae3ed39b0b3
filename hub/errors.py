"""The one root of what we tell a person at a terminal. Its words are ours and complete: never a message's, never a secret's."""


class HubError(Exception):
    """Something a person has to know, in one clear line. The command line prints it without a traceback."""

    exit_code = 1


class WrongUse(HubError):
    """A command or a setting was used wrongly."""

    exit_code = 2

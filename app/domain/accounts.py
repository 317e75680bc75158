"""Staff accounts: their user names, and which passwords are good enough."""

from app.core.problems import FieldError

USERNAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{2,31}$"
MINIMUM_LENGTH = 12
LEAST_SCORE = 3
SCORED_LENGTH = 72
GUESSED_WORDS = ("kaochang", "kaoshi", "zhengwu", "woaini", "mima", "1314520", "5201314", "考场", "密码")


def password_faults(password: str, username: str) -> list[FieldError]:
    """What is wrong with a new password; empty when it is good enough.

    Length and guessability count, not kinds of characters (NIST SP 800-63B-4, 3.1.1.2): at least 12 characters, the
    user name not in it, and a zxcvbn score of 3 of 4 or more over its first 72 characters.
    """
    faults = []
    if username.casefold() in password.casefold():
        faults.append(FieldError("password", "password_contains_username"))
    if len(password) < MINIMUM_LENGTH:
        faults.append(FieldError("password", "password_too_short", {"minimum": MINIMUM_LENGTH}))
    elif _score(password, username) < LEAST_SCORE:
        faults.append(FieldError("password", "password_guessable"))
    return faults


def _score(password: str, username: str) -> int:
    """From 0 (guessed at once) to 4."""
    from zxcvbn import zxcvbn

    score: int = zxcvbn(password[:SCORED_LENGTH], user_inputs=[username, *GUESSED_WORDS])["score"]
    return score

"""Access tokens that nobody was given."""

import random
import re
import zlib

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def junk():
    """A token of the right shape: `ts_`, 43 digits of base62, and the CRC-32 of all that in six more."""
    body = "ts_" + "".join(random.choices(DIGITS, k=43))
    value, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        check = DIGITS[digit] + check
    return body + check


def malformed():
    """What the gateway turns away without a look-up: wrong check digits, a wrong length, another prefix."""
    token = junk()
    return random.choice([token[:-1] + ("0" if token[-1] != "0" else "1"), token[:-7], "sk_" + token[3:], "abc"])


def scrubbed(text):
    """A text without what may be a token."""
    return re.sub(r"\bts{1,2}_[0-9A-Za-z]+", "ts_...", text)

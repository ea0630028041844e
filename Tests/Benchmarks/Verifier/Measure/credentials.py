"""Access tokens that are put straight into a stack's database, as many as nobody would create one by one."""

import hashlib
import hmac
import os
import struct
import zlib

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
TRIPLES = [a + b + c for a in DIGITS for b in DIGITS for c in DIGITS]
TOKENS_OF_AN_ACCOUNT = 10
PREDICT = 2
# What follows a number in the hashes that pgbench looks for: no token has them.
TAIL = bytes(24)


class Credentials:
    """Tokens by number, the same for as long as this object lives.

    A token's digits are hexadecimal ones, which are base62 digits, too, and quickly made.
    """

    def __init__(self, stack, database):
        # The current pepper is the first.
        version, key = (stack.data / "secrets" / "token-peppers").read_text().split(",")[0].strip().split(":")
        self.database, self.version, self.pepper = database, int(version), bytes.fromhex(key)
        self.seed = os.urandom(16)
        self.count = 0
        self.accounts = 0

    def token(self, number):
        """`ts_`, 43 digits, and the CRC-32 of all that in six more."""
        body = "ts_" + self._digits(b"token", number, 43)
        high, low = divmod(zlib.crc32(body.encode()), 62**3)
        return body + TRIPLES[high] + TRIPLES[low]

    def grow(self, count):
        """Stores the tokens up to a number, as the token-service would, and their accounts."""
        numbers = range(self.count, count)
        accounts = range(self.accounts, -(-count // TOKENS_OF_AN_ACCOUNT))
        self.database.copy(
            "token.account (account_id, email)",
            (f"{self._account(number)}\tbenchmark-{number}@temporis.local\n" for number in accounts))
        self.database.copy(
            "token.access_token (account_id, access_token_id, name, last_four, permissions, creator_id)",
            (f"{self._account(number // TOKENS_OF_AN_ACCOUNT)}\t{self._id(number)}\tbenchmark"
             f"\t{self.token(number)[-4:]}\t{{ingest,predict}}\t{self._digits(b'session', number, 22)}\n"
             for number in numbers))
        self._copy_hashes((self._stored(self._hash(number)), number) for number in numbers)
        self.count, self.accounts = max(self.count, count), max(self.accounts, accounts.stop)
        self.database.ask("VACUUM ANALYZE token.account, token.access_token, token.credential")

    def add_numbered(self, count):
        """Stores rows besides whose keys pgbench can compute: FNV-1a of 1 to `count`, and a tail."""
        self._copy_hashes(
            (struct.pack(">q", fnv1a(number)) + TAIL, number % max(self.count, 1)) for number in range(1, count + 1))
        self.database.ask("VACUUM ANALYZE token.credential")

    def verify_message(self, number):
        """A VerifyRequest."""
        return verify_request(self.token(number))

    def lookup_message(self, number):
        """A LookupCredentialRequest."""
        return b"\x0a\x20" + self._hash(number)

    def _copy_hashes(self, hashes):
        self.database.copy(
            "token.credential (secret_hash, pepper_version, kind, account_id, credential_id, permissions)",
            (f"\\\\x{stored.hex()}\t{self.version}\taccess_token\t{self._account(number // TOKENS_OF_AN_ACCOUNT)}"
             f"\t{self._id(number)}\t{{ingest,predict}}\n" for stored, number in hashes))

    def _hash(self, number):
        return hashlib.sha256(self.token(number).encode()).digest()

    def _stored(self, secret_hash):
        return hmac.digest(self.pepper, secret_hash, "sha256")

    def _account(self, number):
        return "acct_" + self._digits(b"account", number, 22)

    def _id(self, number):
        return "tok_" + self._digits(b"id", number, 22)

    def _digits(self, purpose, number, count):
        return hashlib.sha256(self.seed + purpose + struct.pack(">Q", number)).hexdigest()[:count]


def verify_request(token):
    """A VerifyRequest that needs the permission to predict."""
    authorization = b"Bearer " + token.encode()
    return b"\x0a" + bytes([len(authorization)]) + authorization + b"\x10" + bytes([PREDICT])


def fnv1a(number):
    """pgbench's hash_fnv1a(number, 0)."""
    value = 0xCBF29CE484222325
    for byte in struct.pack("<Q", number):
        value = (value ^ byte) * 0x100000001B3 % (1 << 64)
    return value - (1 << 64) if value >> 63 else value

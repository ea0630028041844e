"""How many predictions the bill must have, at least and at most."""

from dataclasses import dataclass, field


@dataclass
class Money:
    """What the client knows: a prediction whose answer began is billed; one whose answer it never saw may be."""

    answered: int = 0
    unseen: int = 0
    keys_answered: set = field(default_factory=set)
    keys_unseen: set = field(default_factory=set)

    def saw(self, key=None):
        """A 200 was read, if only its first line. A key is billed once, however often it is asked with."""
        if key:
            self.keys_answered.add(key)
        else:
            self.answered += 1

    def missed(self, key=None):
        """The whole request was sent, and no answer came."""
        if key:
            self.keys_unseen.add(key)
        else:
            self.unseen += 1

    @property
    def bounds(self):
        least = self.answered + len(self.keys_answered)
        return least, least + self.unseen + len(self.keys_unseen - self.keys_answered)

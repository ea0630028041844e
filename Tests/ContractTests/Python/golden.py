"""Checks golden files with Google's Python implementation, or fills in the bytes of new entries.

    PYTHONPATH=STUBS python3 golden.py FILE...          checks; prints what was found as JSON
    PYTHONPATH=STUBS python3 golden.py --fill FILE...   writes the bytes of entries that have none yet

STUBS is the folder of stubs that Protos/README.md shows how to make. An entry is three lines: the method and `request` or
`response`, the message as JSON, its bytes in hexadecimal (`-`: none).
"""

import json
import sys

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

import stubs


def set_fields(message):
    """The full name of every field that is set in a message or in one inside it."""
    for field, value in message.ListFields():
        yield field.full_name
        # The maps of the contracts hold texts.
        if field.type == FieldDescriptor.TYPE_MESSAGE and not field.message_type.GetOptions().map_entry:
            for inner in value if field.label == FieldDescriptor.LABEL_REPEATED else [value]:
                yield from set_fields(inner)


def declared_fields():
    """The full name of every field of the contracts."""
    for module in stubs.modules.values():
        for message in getattr(module, "DESCRIPTOR", None) and module.DESCRIPTOR.message_types_by_name.values() or ():
            yield from (field.full_name for field in message.fields)


def main(arguments):
    fill = arguments[:1] == ["--fill"]
    count, covered = 0, set()
    for path in arguments[1:] if fill else arguments:
        with open(path, encoding="utf-8") as file:
            entries = [paragraph.splitlines() for paragraph in file.read().strip().split("\n\n")]
        for lines in entries[1:]:
            method, direction = lines[0].split(" ")
            message = json_format.Parse(lines[1], stubs.message(method, direction)())
            expected = message.SerializeToString(deterministic=True).hex() or "-"
            if fill and len(lines) == 2:
                lines.append(expected)
            if lines[2:] != [expected]:
                sys.exit(f"{path}: {lines[0]}: these bytes are not that message")
            covered.update(set_fields(message))
            count += 1
        if fill:
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n\n".join("\n".join(lines) for lines in entries) + "\n")
    print(json.dumps({"messages": count, "unset": sorted(set(declared_fields()) - covered)}))


main(sys.argv[1:])

/// Bytes that are not JSON (RFC 8259), or that nest deeper than is read.
struct JSONSyntaxError: Error, Hashable {}

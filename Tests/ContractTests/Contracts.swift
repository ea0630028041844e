import Testing

/// The contracts under Protos: what they are on the wire, who serves them, and what may change in them.
@Suite(.contractReport) enum Contracts {}

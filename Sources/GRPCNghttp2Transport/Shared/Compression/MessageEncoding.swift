import GRPCCore

/// How the messages of one direction of a call are encoded (gRPC's compression.md): `identity` or `gzip`.
package enum MessageEncoding: Sendable {
  case identity
  case gzip

  /// What `grpc-accept-encoding` says: gzip first, as grpc-swift's servers take the first name that they know.
  static let accepted = "gzip,identity"

  /// Reads `grpc-encoding`; nil for an encoding that isn't supported.
  init?(name: String) {
    switch name {
    case "identity": self = .identity
    case Gzip.name: self = .gzip
    default: return nil
    }
  }

  /// What is used of the algorithm that a caller asks for, which is advice only.
  init(_ algorithm: CompressionAlgorithm?) {
    self = algorithm == .gzip ? .gzip : .identity
  }

  /// Whether a list such as `gzip, identity;q=0.5` of `grpc-accept-encoding` has gzip.
  package static func acceptsGzip(_ list: String) -> Bool {
    list.split(separator: ",").contains { item in
      let name = item.prefix { $0 != ";" }
      return name.drop { $0 == " " }.prefix { $0 != " " } == Gzip.name
    }
  }
}

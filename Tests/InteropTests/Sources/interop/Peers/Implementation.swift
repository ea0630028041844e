/// A gRPC implementation that plays the client or the server.
enum Implementation: String, CaseIterable {
  case nghttp2 = "ours"
  case nio = "grpc-swift NIO"
  case grpcioSync = "grpcio sync"
  case grpcioAio = "grpcio aio"

  /// Why it can't do something as a client or as a server; nil when it can.
  func limit(_ capability: Capability) -> String? {
    switch (capability, self) {
    case (.clientChoosesPerMessage, .nghttp2), (.clientChoosesPerMessage, .nio):
      "GRPCCore's clients choose an encoding for a whole call, so the second message is compressed as well"
    case (.clientChoosesPerMessage, _):
      "grpcio's clients choose an encoding for a whole call, so the second message is compressed as well"
    case (.clientReportsCancelled, .nio):
      "grpc-swift's NIO clients end a cancelled call with Swift's CancellationError or UNAVAILABLE, and not with CANCELLED"
    case (.clientAbandonsRequests, .nio):
      "grpc-swift's NIO clients end the request of a call that is cancelled as if it were complete"
    case (.serverSeesCancellation, .grpcioSync), (.serverSeesCancellation, .grpcioAio):
      "grpcio's servers may end a cancelled request as if it were complete"
    case (.serverSeesCompression, .grpcioSync), (.serverSeesCompression, .grpcioAio):
      "grpcio hides from handlers whether a request came compressed, so there is no probe"
    case (.serverChoosesPerResponse, .nio):
      "grpc-swift's NIO servers compress every response or none, so the second one is compressed as well"
    default:
      nil
    }
  }
}

/// A client and a server that are tried together, at least one of them ours.
struct Pair: Hashable {
  let client: Implementation
  let server: Implementation

  static let all =
    Implementation.allCases.map { Pair(client: $0, server: .nghttp2) }
    + Implementation.allCases.dropFirst().map { Pair(client: .nghttp2, server: $0) }

  /// Why the pair can't do something; nil when it can.
  func limit(_ capability: Capability) -> String? {
    switch capability {
    case .clientChoosesPerMessage, .clientReportsCancelled, .clientAbandonsRequests: self.client.limit(capability)
    case .serverSeesCompression, .serverChoosesPerResponse, .serverSeesCancellation: self.server.limit(capability)
    }
  }

  /// What the pair can't do.
  var lacking: Set<Capability> { Set(Capability.allCases.filter { self.limit($0) != nil }) }
}

package import GRPCCore
import ServiceKit

/// Who asks a page: what the calls to each service carry.
package struct DashboardCaller: Sendable {
  /// For the token-service: the session, and the client, whom passwords that are tried count against.
  package let tokenService: Metadata
  /// For the predict-service: the session alone. With the client's address, who tries unknown tokens from the same
  /// network would have the calls of this one refused, too.
  package let predictService: Metadata

  /// Describes who asks.
  /// - Parameters:
  ///   - session: `nil` when nobody is signed in.
  ///   - client: The address of the browser. `nil` when it came over no IP connection.
  init(_ session: Session?, from client: IPAddress?) {
    let session = session?.metadata ?? [:]
    var metadata = session
    if let client { metadata.addString(client.description, forKey: ClientAddress.metadataKey) }
    tokenService = metadata
    predictService = session
  }
}

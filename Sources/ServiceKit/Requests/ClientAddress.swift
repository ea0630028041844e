package import GRPCCore
import GRPCNghttp2Transport
import Glibc

/// An IP address.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  /// The longest text of an address.
  private static let textLimit = 45
  /// The prefix of an IPv4 address in the form of an IPv6 address (RFC 4291, section 2.5.5.2).
  private static let mappedPrefix: [UInt8] = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

  /// Four bytes for IPv4, sixteen for IPv6. An IPv4 address in the form of an IPv6 address has four.
  package let bytes: [UInt8]

  /// Reads `192.0.2.1` or `2001:db8::1`. `nil` for anything else, such as an address with a port or a zone.
  package init?(_ text: some StringProtocol) {
    let text = String(text)
    guard text.utf8.count <= Self.textLimit, !text.utf8.contains(0) else { return nil }
    var short = in_addr()
    if inet_pton(AF_INET, text, &short) == 1 {
      bytes = withUnsafeBytes(of: short) { Array($0) }
      return
    }
    var long = in6_addr()
    guard inet_pton(AF_INET6, text, &long) == 1 else { return nil }
    let all = withUnsafeBytes(of: long) { Array($0) }
    bytes = all.starts(with: Self.mappedPrefix) ? Array(all.dropFirst(Self.mappedPrefix.count)) : all
  }

  /// The address as text, in IPv6's shortest form (RFC 5952).
  package var description: String {
    guard bytes.count == 16 else { return bytes.map(String.init).joined(separator: ".") }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    inet_ntop(AF_INET6, bytes, &text, socklen_t(INET6_ADDRSTRLEN))
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// The network that a client calls from, by which clients are told apart where they share something scarce: an IPv4
/// address, or the first 64 bits of an IPv6 address, as one subscriber has all the addresses that begin with them
/// (RFC 4291, section 2.5.4, and RFC 6177).
package struct ClientAddress: Sendable, Hashable {
  /// The name of the address in gRPC metadata. The gateway sets it to the IP address that its client calls from, and
  /// who is asked by the gateway hands it on.
  package static let metadataKey = "temporis-client-address"
  /// The client of the call that runs in this task; `nil` when it is not known. ``ClientAddressInterceptor`` sets it.
  @TaskLocal package static var current: ClientAddress?

  /// Who is believed: the gateway, and the service that hands on what it believes itself.
  private static let believed: Set<Workload> = [.apiGateway, .predictService]

  private let network: [UInt8]

  /// Reads an IP address; `nil` for any other text.
  package init?(_ text: String) {
    guard let address = IPAddress(text) else { return nil }
    self.init(address)
  }

  /// Takes the network of an IP address.
  package init(_ address: IPAddress) {
    network = address.bytes.count == 4 ? address.bytes : Array(address.bytes.prefix(8))
  }

  /// Reads the address that came with a call.
  ///
  /// - Parameters:
  ///   - metadata: The call's metadata.
  ///   - identity: The identity of the caller, which is believed if it is the gateway's or the predict-service's; `nil`
  ///     when callers have none, so that everybody is believed.
  package init?(_ metadata: Metadata, sentBy identity: String?) {
    if let identity, Workload(identity: identity).map(Self.believed.contains) != true { return nil }
    var values = metadata[stringValues: Self.metadataKey].makeIterator()
    guard let text = values.next(), values.next() == nil else { return nil }
    self.init(text)
  }

  /// The network's first address, as it travels.
  package var text: String {
    guard network.count == 8 else { return network.map(String.init).joined(separator: ".") }
    return (0..<4).map { String(Int(network[2 * $0]) << 8 | Int(network[2 * $0 + 1]), radix: 16) }
      .joined(separator: ":") + "::"
  }
}

/// Hands the client's address on: sets ``ClientAddress/current`` for each call whose caller tells it, and tells it with
/// the calls that are made meanwhile.
struct ClientAddressInterceptor: ServerInterceptor, ClientInterceptor {
  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    guard let client = ClientAddress(request.metadata, sentBy: context.peerIdentity) else {
      return try await next(request, context)
    }
    return try await ClientAddress.$current.withValue(client, respond: { try await next(request, context) })
  }

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingClientRequest<Input>,
    context: ClientContext,
    next: (StreamingClientRequest<Input>, ClientContext) async throws -> StreamingClientResponse<Output>
  ) async throws -> StreamingClientResponse<Output> {
    guard let client = ClientAddress.current else { return try await next(request, context) }
    var request = request
    request.metadata.replaceOrAddString(client.text, forKey: ClientAddress.metadataKey)
    return try await next(request, context)
  }
}

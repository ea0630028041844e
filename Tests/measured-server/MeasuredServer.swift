import CAllocations
import Foundation
import GRPCCore
import GRPCNghttp2Transport
import Logging

/// A server alone in its process, so that what the process takes is what the server takes. Prints its port, and ends
/// when its input does.
@main struct MeasuredServer {
  static func main() async throws {
    allocations_count(MeasuredService.messageBytes)
    let logger = Logger(label: "measured-server") { _ in SwiftLogNoOpLogHandler() }
    var security = TransportSecurity.plaintext
    let files = CommandLine.arguments.dropFirst()
    if files.count == 3 {
      let identity = try WorkloadIdentity(
        files: IdentityFiles(certificate: files[1], key: files[2], authorities: files[3]), logger: logger)
      security = .mutualTLS(identity)
    }
    var configuration = Nghttp2ServerConfiguration.defaults
    // For many handshakes at once.
    configuration.tlsHandshakeTimeout = .seconds(120)
    configuration.handshakeTimeout = .seconds(120)
    let transport = Nghttp2ServerTransport(
      listeningOn: .host("127.0.0.1", port: 0), security: security, configuration: configuration, logger: logger)
    try await withGRPCServer(transport: transport, services: [MeasuredService()]) { _ in
      guard case .host(_, let port) = try await transport.boundEndpoint else { return }
      try FileHandle.standardOutput.write(contentsOf: Data("\(port)\n".utf8))
      await Self.inputEnded()
    }
    exit(0)
  }

  private static func inputEnded() async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        _ = try? FileHandle.standardInput.readToEnd()
        continuation.resume()
      }
    }
  }
}

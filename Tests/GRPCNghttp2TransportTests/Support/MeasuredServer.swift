import GRPCCore
import GRPCNghttp2Transport
import Subprocess
import SystemPackage
import SystemSupport
import TestSupport

/// Runs a server in a process of its own for the time of `body`, with mutual TLS if it has files for that.
func withMeasuredServer(
  _ identity: IdentityFiles? = nil, _ body: @Sendable (SocketEndpoint) async throws -> Void
) async throws {
  let files = identity.map { [$0.certificate, $0.key, $0.authorities] } ?? []
  let result = try await Subprocess.run(
    .path(FilePath(Command.buildFolder + "/measured-server")), arguments: Arguments(files), input: .inputWriter,
    output: .sequence, error: .string(limit: 1 << 16)
  ) { execution in
    var lines = execution.standardOutput.strings().makeAsyncIterator()
    guard let port = try await lines.next().flatMap({ Int($0) }) else { throw TimedOut() }
    do {
      try await body(.host("127.0.0.1", port: port))
    } catch {
      // It ends when its input does.
      try? await execution.standardInputWriter.finish()
      throw error
    }
    try await execution.standardInputWriter.finish()
  }
  guard result.terminationStatus.isSuccess else { throw TimedOut() }
}

extension GRPCClient {
  /// A number that the measured server tells.
  func measure(_ method: String) async throws -> Int {
    try Int(String(decoding: await self.call(method), as: UTF8.self)) ?? { throw TimedOut() }()
  }
}

import Foundation
import GRPCCore
import GRPCNghttp2Transport
import Logging

/// Runs every case between every pair and prints the table; or serves, for trying by hand.
@main
struct Interop {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    switch (arguments.first, arguments.dropFirst().first) {
    case (nil, _): try await self.printTable()
    case ("serve", let address?): try await self.serve(SocketEndpoint(parsing: address))
    default: self.end("usage: interop [serve ADDRESS]", status: 64)
    }
  }

  private static func printTable() async throws {
    let cases = InteropCase.allCases
    let table = try await Python.with { python in
      var results: [(pair: Pair, outcomes: [InteropCase: Outcome])] = []
      for pair in Pair.all {
        results.append((pair, await pair.run(cases, python: python)))
      }
      return ResultTable(cases, results)
    }
    print(table.markdown())
    guard table.failures.isEmpty else { self.end(table.failures.joined(separator: "\n"), status: 1) }
  }

  /// Prints where it serves as soon as it does.
  private static func serve(_ endpoint: SocketEndpoint) async throws {
    let transport = Nghttp2ServerTransport(listeningOn: endpoint, logger: Logger(label: "interop"))
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { try await GRPCServer(transport: transport, services: [TestService()]).serve() }
      print(try await transport.boundEndpoint)
      fflush(nil)
    }
  }

  private static func end(_ message: String, status: Int32) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(status)
  }
}

import Foundation
import SwiftProtobuf
import SystemSupport
import Testing

extension Contracts {
  /// Another language's stubs against the real processes.
  @Suite struct PythonTests {
    private struct Report: Decodable {
      let outcomes: Int
      /// Process, method, call kind.
      let calls: [[String]]
    }

    /// What the calls were, and the secrets that took part in them.
    private static let called = Task {
      let secrets = try Stack.makeTemporaryFolder() + "/secrets"
      let ready = try await ContractStack.running().readyPath
      let output = try await PythonStubs.shared().run("call_every_method.py", [ready, secrets])
      let report = try JSONDecoder().decode(Report.self, from: Data(output.utf8))
      return (report, try String(contentsOfFile: secrets, encoding: .utf8).split(separator: "\n").map(String.init))
    }

    @Test("Generated Python stubs call every method where it is served, and find what is documented")
    func everyMethod() async throws {
      let (report, _) = try await Self.called.value
      let packages = try ServedPackages()
      let methods = Schema(try .contracts()).methods
      let expected = methods.flatMap { method in
        packages.processes(serving: method.package).map { [$0, method.name, method.callKind] }
      }
      #expect(Set(expected).subtracting(report.calls) == [], "not called")
      #expect(Set(report.calls).subtracting(expected) == [], "called where it should not be served")
      ContractReport.shared.add(.python, methods.count, report.outcomes)
    }

    @Test("The same calls work on a stack that speaks plaintext, which asks nobody for a certificate")
    func plaintext() async throws {
      let (report, _) = try await Self.called.value
      let stack = try await Stack(arguments: ["--plaintext"])
      #expect(try await stack.ready().tls == nil)
      #expect(!FileManager.default.fileExists(atPath: stack.dataFolder + "/tls"))
      let secrets = try Stack.makeTemporaryFolder() + "/secrets"
      let output = try await PythonStubs.shared().run("call_every_method.py", [stack.readyPath, secrets])
      let plaintext = try JSONDecoder().decode(Report.self, from: Data(output.utf8))
      #expect(plaintext.calls == report.calls && plaintext.outcomes == report.outcomes)
      try await stack.stop()
    }

    @Test("No log of any process holds a secret that took part") func logs() async throws {
      let (_, secrets) = try await Self.called.value
      #expect(secrets.count > 5 && secrets.allSatisfy { $0.count > 10 })
      let folder = try await ContractStack.running().dataFolder + "/logs"
      let logs = try FileManager.default.contentsOfDirectory(atPath: folder).map { folder + "/" + $0 }
      for path in logs {
        let log = try String(contentsOfFile: path, encoding: .utf8)
        // What is compared stays out of a failure's text.
        let holdsSecret = secrets.contains { log.contains($0) }
        #expect(!holdsSecret, "\(path)")
      }
      for process in ServedPackages.processes {
        #expect(logs.contains { $0.contains(process) }, "\(process) logs nothing")
      }
    }
  }
}

extension Method {
  /// The call kind by its usual name.
  fileprivate var callKind: String {
    switch (declared.clientStreaming, declared.serverStreaming) {
    case (false, false): "unary"
    case (true, false): "clientStreaming"
    case (false, true): "serverStreaming"
    case (true, true): "bidirectionalStreaming"
    }
  }
}

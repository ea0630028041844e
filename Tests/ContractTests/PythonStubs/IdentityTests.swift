import Foundation
import SystemSupport
import Testing

extension Contracts {
  /// Who may call the processes of a stack, told by another implementation of gRPC and of TLS.
  @Suite struct IdentityTests {
    private static let workloads = ["token-service", "auth-verifier", "predict-service", "api-gateway", "client"]

    private static let answers = Task {
      let foreign = try Stack.makeTemporaryFolder() + "/secrets"
      _ = try await Command.output(Readme.root + "/docker/secrets.sh", [foreign])
      let ready = try await ContractStack.running().readyPath
      let output = try await PythonStubs.shared().run("who_may_call.py", [ready, foreign])
      return try JSONDecoder().decode([String: String].self, from: Data(output.utf8))
    }

    @Test("A caller without TLS, without a certificate or with another authority's is let in nowhere")
    func strangers() async throws {
      for process in ServedPackages.processes {
        for stranger in ["plaintext", "no certificate", "another authority's"] {
          #expect(try await Self.answers.value["\(process) checked by \(stranger)"] == "UNAVAILABLE", "\(stranger)")
        }
      }
    }

    @Test("Every member of the stack is let in everywhere") func members() async throws {
      for process in ServedPackages.processes {
        for workload in Self.workloads {
          #expect(try await Self.answers.value["\(process) checked by \(workload)"] == "OK", "\(workload)")
        }
      }
    }

    @Test("The verifier alone may look credentials up: its empty question is invalid, and everybody else's refused")
    func credentials() async throws {
      for workload in Self.workloads {
        let expected = workload == "auth-verifier" ? "INVALID_ARGUMENT" : "PERMISSION_DENIED"
        #expect(try await Self.answers.value["a credential looked up by \(workload)"] == expected, "\(workload)")
        #expect(try await Self.answers.value["a verifier registered by \(workload)"] == expected, "\(workload)")
      }
    }
  }
}

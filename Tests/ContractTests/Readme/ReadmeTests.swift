import Foundation
import SystemSupport
import Testing

extension Contracts {
  /// What Protos/README.md shows to the authors of other services.
  @Suite struct ReadmeTests {
    private static let document = "Protos/README.md"

    @Test("The document's Swift is what is compiled here", arguments: ["VerifyExample", "PredictExample"])
    func swift(example: String) throws {
      let source = try Readme.text(of: "Tests/ContractTests/Examples/\(example).swift")
      #expect(try Readme.blocks("swift", in: Self.document).contains(source))
    }

    @Test("The document shows no Swift that is not compiled here") func noOtherSwift() throws {
      let folder = "Tests/ContractTests/Examples"
      let names = try FileManager.default.contentsOfDirectory(atPath: Readme.root + "/" + folder)
      let sources = try names.map { try Readme.text(of: folder + "/" + $0) }
      #expect(Set(try Readme.blocks("swift", in: Self.document)) == Set(sources))
    }

    @Test("A Swift service learns from the verifier whose request it has") func swiftVerify() async throws {
      let ready = try await ContractStack.running().ready()
      let address = try await ContractStack.address(of: "auth-verifier")
      let identity = try await ContractStack.identity()
      let known = try await account(of: "Bearer \(ready.token)", verifier: address, asking: identity)
      #expect(known?.hasPrefix("acct_") == true)
      #expect(try await account(of: "Bearer ts_unknown", verifier: address, asking: identity) == nil)
      #expect(try await account(of: "", verifier: address, asking: identity) == nil)
      ContractReport.shared.add(.readme, 1)
    }

    @Test("A Swift service draws futures") func swiftPredict() async throws {
      let ready = try await ContractStack.running().ready()
      let futures = try await futures(
        of: "hourly_orders", count: 3, token: ready.token,
        predictService: try await ContractStack.address(of: "predict-service"),
        asking: try await ContractStack.identity())
      #expect(futures.count == 3)
      #expect(futures.allSatisfy { $0.count == 64 })
      ContractReport.shared.add(.readme, 1)
    }

    @Test("The document's Python runs as written") func python() async throws {
      let ready = try await ContractStack.running().ready()
      let stubs = try await PythonStubs.shared()
      var environment: [String: String?] = [
        "AUTH_VERIFIER": try await ContractStack.address(of: "auth-verifier"),
        "PREDICT_SERVICE": try await ContractStack.address(of: "predict-service"),
        "TEMPORIS_TOKEN": ready.token,
      ]
      for (name, path) in try await ContractStack.running().identity(of: "client").environment {
        environment[name] = path
      }
      let blocks = try Readme.blocks("python", in: Self.document)
      let verify = try #require(blocks.first { $0.contains("Verify(") })
      let predict = try #require(blocks.first { $0.contains("Predict(") })
      #expect(blocks.count == 2)
      #expect(try await stubs.run(text: verify, environment: environment).contains("acct_"))
      let futures = try await stubs.run(text: predict, environment: environment).split(separator: "\n")
      #expect(futures.count == 5)
      #expect(futures.allSatisfy { $0.contains(/^[0-9.]+: [0-9]/) }, "\(futures)")
      environment["TEMPORIS_TOKEN"] = "ts_unknown"
      #expect(try await stubs.run(text: verify, environment: environment) == "401\n")
      ContractReport.shared.add(.readme, 2)
    }
  }
}

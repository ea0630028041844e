import Foundation
import SystemSupport
import TestSupport
import Testing

/// The certificates by which the processes of a stack know each other.
@Suite struct IdentityTests {
  @Test("Keys are for their owner alone, in a folder that ready.json names and that goes with the stack")
  func files() async throws {
    let stack = try await Stack()
    let (ready, client) = (try await stack.ready(), stack.identity(of: "client"))
    let tls = try #require(ready.tls)
    #expect([tls.ca, tls.clientCertificate, tls.clientKey] == [client.authorities, client.certificate, client.key])
    let folder = stack.dataFolder + "/tls"
    func mode(_ path: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    #expect(try mode(folder) == 0o700)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(!names.contains("ca.key"))
    for name in names { #expect(try mode(folder + "/" + name) == 0o600, "\(name)") }
    try await stack.stop()
    #expect(!FileManager.default.fileExists(atPath: folder))
  }

  @Test("A process shows the certificate of its own service, and takes no connection without one")
  func shown() async throws {
    let stack = try await Stack.shared.value
    for (service, addresses) in try await stack.ready().services {
      let names = try await stack.identity(of: "client").certificate(shownAt: addresses[0], "-ext", "subjectAltName")
      #expect(names.contains("URI:spiffe://temporis.internal/\(service),"))
      for arguments in [["--http2-prior-knowledge", "http://"], ["--http2", "--insecure", "https://"]] {
        let url = arguments[arguments.count - 1] + addresses[0]
        let curl = ["-q"] + arguments.dropLast() + ["--silent", "--max-time", "20", url]
        let answer = try await Command.run("curl", curl)
        #expect(answer.status != 0 && answer.status != 28, "\(arguments): \(answer.status)")
        #expect(answer.standardOutput.isEmpty)
      }
    }
  }

  @Test("Certificates and connections are renewed while a stack runs, and no request fails for it")
  func renewal() async throws {
    let stack = try await Stack(
      arguments: ["--certificate-lifetime", "40"], environment: ["TEMPORIS_MAX_CONNECTION_AGE": "3"])
    let customer = try await Customer(on: stack)
    try await customer.makeReadyProfile()
    let token = try await customer.makeToken().token
    let ready = try await stack.ready()
    let address = try #require(ready.services["auth-verifier"]?.first)
    let client = stack.identity(of: "client")
    let first = try await client.certificate(shownAt: address, "-serial")
    let firstFile = try String(contentsOfFile: client.certificate, encoding: .utf8)
    try await eventually("the first certificate is over", within: .seconds(120)) {
      #expect(try await customer.http.predict(HTTP.prediction(count: 1), token: token).status == 200)
      let isOver = try await Command.run("openssl", ["x509", "-noout", "-checkend", "0"], input: firstFile).status == 1
      return isOver ? () : nil
    }
    #expect(try await client.certificate(shownAt: address, "-serial") != first)
    #expect(try await customer.usage().predictions > 1)
    #expect(try await stack.ready().pids == ready.pids, "nothing was started again for it")
    try await stack.stop()
  }

  @Test("New connections use files that took the place of others, once they belong together") func replaced()
    async throws
  {
    let folders = try (0..<2).map { _ in try Stack.makeTemporaryFolder() }
    for folder in folders { _ = try await Command.output(ComposeFile.folder + "/secrets.sh", [folder]) }
    func identity(_ index: Int, _ name: String) -> Identity {
      Identity(folder: folders[index], prefix: "identity-", name: name)
    }
    let live = Identity(folder: try Stack.makeTemporaryFolder(), name: "live")
    func put(_ index: Int, _ file: KeyPath<Identity, String>) throws {
      let new = live[keyPath: file] + ".new"
      try FileManager.default.copyItem(atPath: identity(index, "auth-verifier")[keyPath: file], toPath: new)
      #expect(rename(new, live[keyPath: file]) == 0)
    }
    for file in [\Identity.certificate, \.key, \.authorities] { try put(0, file) }
    let address = try LoopbackSocket().address
    let environment = ["TEMPORIS_LISTEN": address, "TEMPORIS_TOKEN_SERVICE": "127.0.0.1:1"]
    let process = Task {
      try await Command.run(
        "setpriv", ["--pdeathsig", "TERM", Command.buildFolder + "/auth-verifier"],
        environment: environment.merging(live.environment) { $1 })
    }
    defer { process.cancel() }
    func shown(to index: Int) async throws -> String {
      try await identity(index, "client").certificate(shownAt: address, "-serial")
    }
    let first = try await eventually("the process is up") { try? await shown(to: 0) }
    try put(1, \.certificate)
    #expect(try await shown(to: 0) == first, "what has no key yet is not used")
    try put(1, \.key)
    try put(1, \.authorities)
    let second = try await eventually("the new certificate is shown") { try? await shown(to: 1) }
    #expect(second != first)
    await #expect(throws: Command.Failure.self, "the old authority is not believed") { try await shown(to: 0) }
  }
}

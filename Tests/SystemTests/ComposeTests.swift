import Foundation
import SystemSupport
import Testing

/// docker/compose.yaml against the executables that it runs, without an engine to run it.
@Suite struct ComposeTests {
  private func help(_ product: String, _ arguments: [String]) async throws -> String {
    try await Command.output(Command.buildFolder + "/" + product, arguments + ["--help"])
  }

  @Test("Every variable and flag is one of the executable that it is given to") func settings() async throws {
    for (name, service) in try await ComposeFile.read().services {
      guard let product = service.product else { continue }
      let command = service.command ?? []
      let help = try await help(product, command.filter { !$0.hasPrefix("-") })
      for variable in (service.environment ?? [:]).keys {
        let key = variable.hasSuffix("_FILE") ? String(variable.dropLast("_FILE".count)) : variable
        #expect(help.contains(key), "\(name): \(variable)")
      }
      for flag in command where flag.hasPrefix("-") {
        #expect(help.contains(flag.prefix { $0 != "=" } + " <"), "\(name): \(flag)")
      }
    }
  }

  @Test("Secrets are files, none of them in the repository, and a container sees only those that it reads")
  func secrets() async throws {
    let compose = try await ComposeFile.read()
    #expect(compose.secrets.allSatisfy { $0.value.file == "secrets/\($0.key)" })
    let ignored = try String(contentsOfFile: ComposeFile.folder + "/.gitignore", encoding: .utf8)
    #expect(ignored.split(separator: "\n").contains("/secrets/"))
    for (name, service) in compose.services where service.product != nil {
      let environment = service.environment ?? [:]
      for variable in environment.keys {
        #expect(!["DATABASE_URL", "PEPPERS", "PASSWORD", "SESSION"].contains { variable.hasSuffix($0) }, "\(name)")
      }
      let named = environment.values + (service.command ?? [])
      let read = named.compactMap { $0.split(separator: "/run/secrets/").last.map(String.init) }
        .filter { compose.secrets[$0] != nil }
      #expect(Set(read) == Set(service.secrets ?? []), "\(name)")
    }
    let holders = compose.services.filter { $0.value.secrets?.contains { $0.hasSuffix(".key") } == true }
    #expect(
      Set(holders.keys) == ["token-service", "auth-verifier", "operator", "predict-service", "api-gateway", "demo"])
    for (name, service) in holders {
      let workload = ["demo", "operator"].contains(name) ? "client" : name
      #expect(service.secrets?.filter { $0.hasSuffix(".key") } == ["identity-\(workload).key"], "\(name)")
    }
    let roles = try String(contentsOfFile: ComposeFile.folder + "/postgres/roles.sql", encoding: .utf8)
    for secret in try #require(compose.services["postgres"]?.secrets) {
      #expect(roles.contains("/run/secrets/\(secret)`"))
    }
  }

  @Test("Each identity is signed by an authority whose key is nowhere, and replaced with all others before it ends")
  func identities() async throws {
    let folder = try Stack.makeTemporaryFolder() + "/secrets"
    func run() async throws { _ = try await Command.output(ComposeFile.folder + "/secrets.sh", [folder]) }
    func openssl(_ arguments: String...) async throws -> String {
      try await Command.output("openssl", arguments, in: folder)
    }
    try await run()
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".key") }
    #expect(names.count == 5)
    let authority = try await openssl("x509", "-in", "identity-ca.pem", "-noout", "-pubkey")
    for name in names {
      let certificate = name.replacing(".key", with: ".pem")
      let workload = name.dropFirst("identity-".count).dropLast(".key".count)
      let takesCalls = workload != "client" && workload != "api-gateway"
      for purpose in takesCalls ? ["sslclient", "sslserver"] : ["sslclient"] {
        _ = try await openssl("verify", "-CAfile", "identity-ca.pem", "-purpose", purpose, certificate)
      }
      let names = try await openssl("x509", "-in", certificate, "-noout", "-ext", "subjectAltName")
      #expect(names.contains("URI:spiffe://temporis.internal/\(workload)"))
      #expect(names.contains("DNS:\(workload)") == takesCalls)
      let key = try await openssl("pkey", "-in", name, "-pubout")
      #expect(try await openssl("x509", "-in", certificate, "-noout", "-pubkey") == key)
      #expect(key != authority)
    }
    // One that is nearly over takes the others with it: what signed them is gone.
    _ = try await openssl(
      "req", "-x509", "-key", "identity-client.key", "-subj", "/CN=client", "-days", "20", "-out", "short.pem")
    try FileManager.default.removeItem(atPath: folder + "/identity-client.pem")
    try FileManager.default.moveItem(atPath: folder + "/short.pem", toPath: folder + "/identity-client.pem")
    try await run()
    #expect(try await openssl("x509", "-in", "identity-ca.pem", "-noout", "-pubkey") != authority)
    for name in names {
      _ = try await openssl("verify", "-CAfile", "identity-ca.pem", name.replacing(".key", with: ".pem"))
    }
  }

  @Test("When a certificate can't be made, none is left, and the script says so") func failure() async throws {
    let folder = try Stack.makeTemporaryFolder()
    // Fails for one of the workloads in the middle.
    let stub = """
      #!/bin/sh
      case "$*" in *CN=predict-service*) exit 1 ;; esac
      exec "$OPENSSL" "$@"
      """
    let script = """
      mkdir bin && cat > bin/openssl && chmod +x bin/openssl && OPENSSL=$(command -v openssl) && export OPENSSL
      PATH=$PWD/bin:$PATH "$0" secrets 2> /dev/null && exit 3
      ls secrets
      """
    let files = try await Command.output(
      "sh", ["-c", script, ComposeFile.folder + "/secrets.sh"], input: stub, in: folder)
    #expect(files.contains("token-peppers") && !files.contains("identity-") && !files.contains("new."))
  }

  @Test("The script makes every secret at random, in a folder that is closed, and none twice") func script()
    async throws
  {
    let wanted = try await ComposeFile.read().secrets.keys.sorted()
    var seen: [[String]] = []
    for _ in 0..<2 {
      let folder = try Stack.makeTemporaryFolder() + "/secrets"
      var runs: [[String]] = []
      for _ in 0..<2 {
        _ = try await Command.output(ComposeFile.folder + "/secrets.sh", [folder])
        let files = FileManager.default
        #expect(try files.contentsOfDirectory(atPath: folder).sorted() == wanted)
        #expect(try files.attributesOfItem(atPath: folder)[.posixPermissions] as? Int == 0o700)
        runs.append(try wanted.map { try String(contentsOfFile: folder + "/" + $0, encoding: .utf8) })
      }
      #expect(runs[0] == runs[1])
      seen.append(runs[0])
    }
    #expect(zip(seen[0], seen[1]).allSatisfy { $0 != $1 })
    for (name, text) in zip(wanted, seen[0]) {
      switch name {
      case "token-peppers": #expect(text.wholeMatch(of: /1:[0-9a-f]{64}\n/) != nil)
      case "demo-password", "operator-password": #expect(text.wholeMatch(of: /[0-9a-f]{24}\n/) != nil)
      case _ where name.hasPrefix("identity-"): #expect(text.hasPrefix("-----BEGIN "))
      default:
        let role = name.dropFirst("database-url-".count)
        let url = try #require(text.wholeMatch(of: /postgres:\/\/([a-z_]+):[0-9a-f]{48}@postgres:5432\/temporis\n/))
        #expect(url.1 == role)
      }
    }
  }

  @Test("Every container is confined, and the gateway's port is the only one that is reached from outside")
  func confinement() async throws {
    let compose = try await ComposeFile.read()
    for (name, service) in compose.services {
      #expect(service.readOnly, "\(name)")
      #expect(service.capDrop == ["ALL"], "\(name)")
      #expect(service.capAdd == nil || service.product == nil, "\(name)")
      #expect(service.securityOpt == ["no-new-privileges:true"], "\(name)")
      #expect(service.logging.options["max-size"] != nil && service.logging.options["max-file"] != nil, "\(name)")
      #expect(!service.deploy.resources.limits.memory.isEmpty && service.deploy.resources.limits.pids > 0, "\(name)")
      let isTask = service.command != nil && service.product != nil
      #expect(service.restart == (isTask ? "no" : "unless-stopped"), "\(name)")
      let leadsOut = service.networks.contains { compose.networks[$0]?.internal != true }
      #expect(leadsOut == (name == "api-gateway"), "\(name)")
      #expect((service.ports ?? []).allSatisfy { $0.hasPrefix("127.0.0.1:") } && (service.ports != nil) == leadsOut)
    }
  }

  @Test("What a service asks listens there, on a network of both, and is started before it") func order() async throws {
    let services = try await ComposeFile.read().services
    func earlier(than name: String) -> Set<String> {
      let direct = (services[name]?.dependsOn ?? [:]).keys
      return direct.reduce(into: Set(direct)) { $0.formUnion(earlier(than: $1)) }
    }
    for (name, service) in services {
      for (variable, value) in service.environment ?? [:] where variable != "TEMPORIS_LISTEN" {
        guard let address = value.wholeMatch(of: /([a-z-]+):([0-9]+)/), let peer = services[String(address.1)] else {
          continue
        }
        #expect(peer.environment?["TEMPORIS_LISTEN"] == "0.0.0.0:\(address.2)", "\(name): \(value)")
        #expect(!Set(peer.networks).isDisjoint(with: service.networks), "\(name): \(value)")
        #expect(earlier(than: name).contains(String(address.1)), "\(name): \(value)")
      }
      if service.secrets?.contains(where: { $0.hasPrefix("database-url") }) == true, name != "postgres" {
        #expect(earlier(than: name).contains("postgres") && service.networks.contains("database"), "\(name)")
      }
      for (peer, dependency) in service.dependsOn ?? [:] {
        let isTask = services[peer]?.restart == "no"
        #expect(dependency.condition == (isTask ? "service_completed_successfully" : "service_healthy"), "\(name)")
      }
    }
  }
}

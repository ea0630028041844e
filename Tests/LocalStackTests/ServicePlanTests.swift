import LocalStack
import Testing

@Suite("The plan of the services")
struct ServicePlanTests {
  private func inputs(_ certificates: CertificateFolder? = nil, publicURL: String? = nil) throws -> ServicePlan.Inputs {
    let database = try #require(DatabaseURL("postgres://h/d"))
    return ServicePlan.Inputs(
      tokenDatabase: database.with(role: "temporis_token", password: "t"),
      predictDatabase: database.with(role: "temporis_predict", password: "p"), peppers: "1:00", tlsCertificate: nil,
      tlsKey: nil, certificates: certificates, publicURL: publicURL)
  }

  @Test("The gateway is told the URL that browsers know it by")
  func publicURL() throws {
    let plan = try ServicePlan(replicas: Replicas(), gatewayPort: 0)
    let gateway = try #require(plan.instances(of: "api-gateway").first)
    let environment = try plan.environment(of: gateway, inputs(publicURL: "https://api.example.com"))
    #expect(environment["TEMPORIS_PUBLIC_URL"] == "https://api.example.com")
    #expect(try plan.environment(of: gateway, inputs())["TEMPORIS_PUBLIC_URL"] == nil)
  }

  @Test("Every replica has ports of its own, and all know all replicas")
  func replicas() throws {
    let plan = try ServicePlan(
      replicas: #require(Replicas(parsing: "verifier=3,token=2")), gatewayPort: 0)
    #expect(plan.instances.count == 7)
    let ports = plan.instances.flatMap { [$0.port, $0.adminPort] }
    #expect(Set(ports).count == ports.count)
    #expect(plan.instances(of: "auth-verifier").map(\.number) == [1, 2, 3])
    let environment = try plan.environment(of: plan.instances[0], inputs())
    #expect(environment["TEMPORIS_AUTH_VERIFIER"] == plan.addresses(of: "auth-verifier").joined(separator: ","))
  }

  @Test("Only the token service has the peppers, and only its own database; verifier and gateway have neither")
  func leastPrivilege() throws {
    let plan = try ServicePlan(replicas: Replicas(), gatewayPort: 0)
    func environment(_ service: String) throws -> [String: String] {
      try plan.environment(of: #require(plan.instances(of: service).first), inputs())
    }
    #expect(try environment("token-service")["TEMPORIS_DATABASE_URL"] == "postgres://temporis_token:t@h/d")
    #expect(try environment("token-service")["TEMPORIS_TOKEN_PEPPERS"] == "1:00")
    #expect(try environment("predict-service")["TEMPORIS_DATABASE_URL"] == "postgres://temporis_predict:p@h/d")
    for service in ["auth-verifier", "predict-service", "api-gateway"] {
      #expect(try environment(service)["TEMPORIS_TOKEN_PEPPERS"] == nil, "\(service)")
    }
    for service in ["auth-verifier", "api-gateway"] {
      #expect(try environment(service)["TEMPORIS_DATABASE_URL"] == nil, "\(service)")
    }
  }

  @Test("Each process is given its own identity and no other, and none without TLS")
  func identities() throws {
    let plan = try ServicePlan(replicas: Replicas(), gatewayPort: 0)
    for instance in plan.instances {
      let environment = try plan.environment(of: instance, inputs(CertificateFolder(path: "/d/tls")))
      #expect(environment["TEMPORIS_IDENTITY_CERTIFICATE"] == "/d/tls/\(instance.service).pem")
      #expect(environment["TEMPORIS_IDENTITY_KEY"] == "/d/tls/\(instance.service).key")
      #expect(environment["TEMPORIS_IDENTITY_CA"] == "/d/tls/ca.pem")
      #expect(environment.values.filter { $0.hasSuffix(".key") }.count == 1)
      #expect(try plan.environment(of: instance, inputs()).keys.filter { $0.contains("IDENTITY") }.isEmpty)
    }
  }

  @Test("A gateway port that one stack has planned with is refused to the next, although nothing listens on it yet")
  func reservesGatewayPort() throws {
    let port = Int(try #require(FreePorts.pick(1, in: 20_100...20_199).first)) + 100
    _ = try ServicePlan(replicas: Replicas(), gatewayPort: port)
    let error = try #require(throws: LocalStackError.self) {
      try ServicePlan(replicas: Replicas(), gatewayPort: port)
    }
    #expect(error.code == .portInUse)
  }

  @Test("Without a certificate the gateway gets none, whatever the caller has exported; sessions last for 30 days")
  func overridesCaller() throws {
    let plan = try ServicePlan(replicas: Replicas(), gatewayPort: 0)
    let gateway = try plan.environment(of: #require(plan.instances(of: "api-gateway").first), inputs())
    #expect(gateway["TEMPORIS_TLS_CERTIFICATE"] == "")
    #expect(gateway["TEMPORIS_TLS_KEY"] == "")
    let token = try plan.environment(of: #require(plan.instances(of: "token-service").first), inputs())
    #expect(token["TEMPORIS_SESSION_LIFETIME"] == "2592000")
  }

  @Test("A gateway port out of range is refused", arguments: [-1, 65_536])
  func refusesPort(port: Int) {
    #expect(throws: LocalStackError.self) { try ServicePlan(replicas: Replicas(), gatewayPort: port) }
  }

  @Test(
    "Replicas are read from a list",
    arguments: [("verifier=3,token=2,predict=2", [2, 3, 2]), ("predict=16", [1, 1, 16])])
  func parsesReplicas(text: String, counts: [Int]) throws {
    let replicas = try #require(Replicas(parsing: text))
    #expect([replicas.token, replicas.verifier, replicas.predict] == counts)
  }

  @Test(
    "Other lists of replicas are refused",
    arguments: ["", "verifier", "verifier=0", "verifier=17", "gateway=2", "token=1,token=2", "token=1,", "token=x"])
  func refusesReplicas(text: String) {
    #expect(Replicas(parsing: text) == nil)
  }
}

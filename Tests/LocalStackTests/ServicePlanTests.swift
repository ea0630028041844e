import LocalStack
import ServiceKit
import Testing

@Suite("The plan of the services")
struct ServicePlanTests {
  private func inputs(
    _ certificates: CertificateFolder? = nil, publicURL: String? = nil, trustedProxies: String? = nil
  ) throws -> ServicePlan.Inputs {
    let database = try #require(DatabaseURL("postgres://h/d"))
    return ServicePlan.Inputs(
      tokenDatabase: database.with(role: "temporis_token", password: "t"),
      predictDatabase: database.with(role: "temporis_predict", password: "p"), peppers: "1:00", tlsCertificate: nil,
      tlsKey: nil, certificates: certificates, publicURL: publicURL, trustedProxies: trustedProxies)
  }

  @Test("The gateway alone is told the URL that browsers know it by and the proxies that it believes")
  func publicAddress() throws {
    let plan = try ServicePlan(replicas: Replicas(), gatewayPort: 0)
    let gateway = try #require(plan.instances(of: .apiGateway).first)
    let inputs = try inputs(publicURL: "https://api.example.com", trustedProxies: "10.0.0.0/8")
    let environment = plan.environment(of: gateway, inputs)
    #expect(environment["TEMPORIS_PUBLIC_URL"] == "https://api.example.com")
    #expect(environment["TEMPORIS_TRUSTED_PROXIES"] == "10.0.0.0/8")
    let names = ["TEMPORIS_PUBLIC_URL", "TEMPORIS_TRUSTED_PROXIES"]
    for instance in plan.instances where instance.service != .apiGateway {
      #expect(names.allSatisfy { plan.environment(of: instance, inputs)[$0] == nil }, "\(instance.service)")
    }
  }

  @Test("Without the flags the gateway keeps what the caller has exported")
  func inheritedPublicAddress() throws {
    let plan = try ServicePlan(replicas: Replicas(), gatewayPort: 0)
    let environment = try plan.environment(of: #require(plan.instances(of: .apiGateway).first), inputs())
    #expect(environment["TEMPORIS_PUBLIC_URL"] == nil && environment["TEMPORIS_TRUSTED_PROXIES"] == nil)
  }

  @Test("Every replica has ports of its own, and all know all replicas")
  func replicas() throws {
    let plan = try ServicePlan(replicas: Replicas(parsing: "verifier=3,token=2,predict=2"), gatewayPort: 0)
    #expect(plan.instances.count == 8)
    let ports = plan.instances.flatMap { [$0.port, $0.adminPort] }
    #expect(Set(ports).count == ports.count)
    #expect(plan.instances(of: .authVerifier).map(\.number) == [1, 2, 3])
    for instance in plan.instances {
      let environment = try plan.environment(of: instance, inputs())
      #expect(environment["TEMPORIS_LISTEN"] == instance.address)
      for (service, variable) in [
        (Workload.tokenService, "TEMPORIS_TOKEN_SERVICE"), (.authVerifier, "TEMPORIS_AUTH_VERIFIER"),
        (.predictService, "TEMPORIS_PREDICT_SERVICE"),
      ] {
        #expect(environment[variable] == plan.addresses(of: service).joined(separator: ","), "\(instance.service)")
      }
    }
  }

  @Test("Only the token service has the peppers, and only its own database; verifier and gateway have neither")
  func leastPrivilege() throws {
    let plan = try ServicePlan(replicas: Replicas(), gatewayPort: 0)
    func environment(_ service: Workload) throws -> [String: String] {
      try plan.environment(of: #require(plan.instances(of: service).first), inputs())
    }
    #expect(try environment(.tokenService)["TEMPORIS_DATABASE_URL"] == "postgres://temporis_token:t@h/d")
    #expect(try environment(.tokenService)["TEMPORIS_TOKEN_PEPPERS"] == "1:00")
    #expect(try environment(.predictService)["TEMPORIS_DATABASE_URL"] == "postgres://temporis_predict:p@h/d")
    for service in [Workload.authVerifier, .predictService, .apiGateway] {
      #expect(try environment(service)["TEMPORIS_TOKEN_PEPPERS"] == nil, "\(service)")
    }
    for service in [Workload.authVerifier, .apiGateway] {
      #expect(try environment(service)["TEMPORIS_DATABASE_URL"] == nil, "\(service)")
    }
  }

  @Test("predict-service alone is told who the operator is, and never what the caller has exported")
  func operatorAccount() throws {
    let plan = try ServicePlan(replicas: Replicas(), gatewayPort: 0)
    var inputs = try inputs()
    for account in [nil, "acct_0123456789abcdefABCDEF"] as [String?] {
      inputs.operatorAccount = account
      for instance in plan.instances {
        let told = plan.environment(of: instance, inputs)["TEMPORIS_OPERATOR_ACCOUNT"]
        #expect(told == (instance.service == .predictService ? account ?? "" : nil), "\(instance.service)")
      }
    }
  }

  @Test("Each process is given its own identity and no other, and none without TLS")
  func identities() throws {
    let plan = try ServicePlan(replicas: Replicas(), gatewayPort: 0)
    for instance in plan.instances {
      let environment = try plan.environment(of: instance, inputs(CertificateFolder(path: "/d/tls")))
      #expect(environment["TEMPORIS_IDENTITY_CERTIFICATE"] == "/d/tls/\(instance.service.rawValue).pem")
      #expect(environment["TEMPORIS_IDENTITY_KEY"] == "/d/tls/\(instance.service.rawValue).key")
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
    let gateway = try plan.environment(of: #require(plan.instances(of: .apiGateway).first), inputs())
    #expect(gateway["TEMPORIS_TLS_CERTIFICATE"] == "")
    #expect(gateway["TEMPORIS_TLS_KEY"] == "")
    let token = try plan.environment(of: #require(plan.instances(of: .tokenService).first), inputs())
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
    let replicas = try Replicas(parsing: text)
    #expect([replicas.token, replicas.verifier, replicas.predict] == counts)
  }

  @Test(
    "Other lists of replicas are refused with the part that is wrong, and what it may be",
    arguments: [
      ("", "'' must be a service and a number, such as verifier=3"),
      ("verifier", "'verifier' must be a service and a number, such as verifier=3"),
      ("token=1,", "'' must be a service and a number, such as verifier=3"),
      ("verifier=0", "verifier must run 1 to 16 times, not '0'"),
      ("token=2,verifier=17", "verifier must run 1 to 16 times, not '17'"),
      ("token=x", "token must run 1 to 16 times, not 'x'"), ("token=1=2", "token must run 1 to 16 times, not '1=2'"),
      ("gateway=2", "'gateway' must be token, verifier or predict"),
      ("Token=2", "'Token' must be token, verifier or predict"), ("token=1,token=2", "token is named twice"),
    ])
  func refusesReplicas(text: String, message: String) throws {
    let error = try #require(throws: LocalStackError.self) { try Replicas(parsing: text) }
    #expect(error.code == .badValue)
    #expect(error.message == message)
  }
}

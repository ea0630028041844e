import ArgumentParser
import GRPCCore
import GRPCInProcessTransport
import Logging
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing
import TokenDomain

/// Health and reflection, over GRPCCore's in-process transport.
@Suite(.timeLimit(.minutes(1))) struct StandardServicesTests {
  private typealias Health = Grpc_Health_V1_Health
  private typealias Reflection = Grpc_Reflection_V1_ServerReflection

  /// Knows nobody.
  private struct ClosedVerifier: AuthorizationVerifier {
    func verify(authorization: String, permission: Permission?) async throws -> Verdict { .missing }
  }

  /// Runs a server that has these services alone, and that asks everybody else for a credential.
  private func serve<R: Sendable>(
    _ monitor: HealthMonitor, reflection: Bool = true,
    _ body: @Sendable (GRPCClient<InProcessTransport.Client>) async throws -> R
  ) async throws -> R {
    let transport = InProcessTransport()
    let standard = StandardServices(
      health: monitor, servesReflection: reflection, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let server = GRPCServer(
      transport: transport.server,
      router: try standard.router(
        with: [], interceptors: [AuthenticationInterceptor(verifier: ClosedVerifier(), access: [:])]))
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      defer { server.beginGracefulShutdown() }
      return try await withGRPCClient(transport: transport.client) { try await body($0) }
    }
  }

  private func code(of body: () async throws -> Void) async -> RPCError.Code? {
    do {
      try await body()
      return nil
    } catch {
      return (error as? RPCError)?.code
    }
  }

  @Test("Anyone may ask for the health, of the process or of a service that it has") func check() async throws {
    let monitor = HealthMonitor(isServing: true)
    try await serve(monitor) { grpc in
      let health = Health.Client(wrapping: grpc)
      let before = try await health.check(.init()).status
      #expect(before == .serving)
      monitor.set(failure: ServiceError(.unavailable))
      let after = try await health.check(.init()).status
      #expect(after == .notServing)
      let unknown = await code { _ = try await health.check(.with { $0.service = "nothing" }) }
      #expect(unknown == .notFound)
    }
  }

  @Test("A process that drains is out of service for good, as every watch is told") func drain() async throws {
    let monitor = HealthMonitor(isServing: true)
    try await serve(monitor) { grpc in
      let health = Health.Client(wrapping: grpc)
      for expected: [Grpc_Health_V1_HealthCheckResponse.ServingStatus] in [[.serving, .notServing], [.notServing]] {
        let seen = try await health.watch(.init()) { response in
          var seen: [Grpc_Health_V1_HealthCheckResponse.ServingStatus] = []
          for try await answer in response.messages {
            seen.append(answer.status)
            if answer.status == .notServing { break }
            monitor.beginDraining()
          }
          return seen
        }
        #expect(seen == expected)
      }
      monitor.set(failure: nil)
      let status = try await health.check(.init()).status
      #expect(status == .notServing)
    }
  }

  @Test("A watch of a service that the process does not have says so, and goes on") func watchUnknown() async throws {
    let monitor = HealthMonitor(isServing: false)
    try await serve(monitor) { grpc in
      let seen = try await Health.Client(wrapping: grpc).watch(.with { $0.service = "nothing" }) { response in
        var seen: [Grpc_Health_V1_HealthCheckResponse.ServingStatus] = []
        for try await answer in response.messages {
          seen.append(answer.status)
          if seen.count == 2 { break }
          monitor.set(failure: nil)
        }
        return seen
      }
      #expect(seen.count == 2)
      #expect(seen.allSatisfy { $0 == .serviceUnknown })
    }
  }

  @Test("Reflection names every service, to anyone") func reflection() async throws {
    try await serve(.alwaysServing) { grpc in
      let names = try await Reflection.Client(wrapping: grpc).serverReflectionInfo { writer in
        try await writer.write(.with { $0.listServices = "" })
      } onResponse: { response in
        var names: [String] = []
        for try await answer in response.messages { names += answer.listServicesResponse.service.map(\.name) }
        return names
      }
      #expect(names == ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"])
    }
  }

  @Test("Reflection that is switched off is not there") func noReflection() async throws {
    try await serve(.alwaysServing, reflection: false) { grpc in
      let code = await code {
        try await Reflection.Client(wrapping: grpc).serverReflectionInfo { writer in
          try await writer.write(.with { $0.listServices = "" })
        } onResponse: { response in
          for try await _ in response.messages {}
        }
      }
      #expect(code == .unimplemented)
      let status = try await Health.Client(wrapping: grpc).check(.init()).status
      #expect(status == .serving)
    }
  }

  @Test("The key says whether reflection is served; without it, it is", arguments: [nil, "true", "false"])
  func reflectionKey(_ value: String?) throws {
    let settings = Settings(environment: value.map { ["TEMPORIS_REFLECTION": $0] } ?? [:])
    #expect(try ServiceOptions.parse([]).reflection(settings: settings) == (value != "false"))
    #expect(try ServiceOptions.parse(["--reflection", "false"]).reflection(settings: settings) == false)
  }
}

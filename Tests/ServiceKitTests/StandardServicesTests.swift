import ArgumentParser
import GRPCCore
import GRPCInProcessTransport
import GRPCProtobuf
import Logging
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing
import TokenDomain

/// Health and reflection, over GRPCCore's in-process transport.
@Suite(.timeLimit(.minutes(1))) struct StandardServicesTests {
  private typealias Health = Grpc_Health_V1_Health
  private typealias Reflection = Grpc_Reflection_V1_ServerReflection
  private typealias Question = Grpc_Reflection_V1_ServerReflectionRequest
  private typealias Answer = Grpc_Reflection_V1_ServerReflectionResponse

  private static let reflections = ["grpc.reflection.v1", "grpc.reflection.v1alpha"]

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
      health: monitor, servesReflection: reflection, logger: .silent)
    let server = GRPCServer(
      transport: transport.server,
      router: try standard.router(
        with: [], authentication: AuthenticationInterceptor(verifier: ClosedVerifier(), access: [:])))
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

  /// Asks the reflection service of a package.
  private func ask(
    _ package: String, _ questions: [Question], of grpc: GRPCClient<InProcessTransport.Client>
  ) async throws -> [Answer] {
    var method = Reflection.Method.ServerReflectionInfo.descriptor
    method.service = ServiceDescriptor(package: package, service: "ServerReflection")
    return try await grpc.bidirectionalStreaming(
      request: StreamingClientRequest { try await $0.write(contentsOf: questions) }, descriptor: method,
      serializer: ProtobufSerializer<Question>(), deserializer: ProtobufDeserializer<Answer>(), options: .defaults
    ) { response in
      try await response.messages.reduce(into: []) { $0.append($1) }
    }
  }

  @Test("Reflection names every service, to anyone, under its present and its older name", arguments: reflections)
  func reflection(package: String) async throws {
    try await serve(.alwaysServing) { grpc in
      let answers = try await ask(package, [.with { $0.listServices = "" }], of: grpc)
      #expect(
        answers.flatMap { $0.listServicesResponse.service.map(\.name) } == [
          "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
        ])
    }
  }

  @Test("Both names of reflection answer with the same bytes")
  func reflectionNames() async throws {
    let questions: [Question] =
      [
        .with { $0.listServices = "" }, .with { $0.fileByFilename = "grpc/health/v1/health.proto" },
        .with { $0.fileContainingSymbol = "no.such.Symbol" }, .with { $0.host = "somewhere" },
      ] + Self.reflections.map { package in .with { $0.fileContainingSymbol = package + ".ServerReflection" } }
    try await serve(.alwaysServing) { grpc in
      let present = try await ask(Self.reflections[0], questions, of: grpc)
      let older = try await ask(Self.reflections[1], questions, of: grpc)
      #expect(present.count == questions.count)
      #expect(present == older)
    }
  }

  @Test("The file that declares a reflection service declares its messages too", arguments: reflections)
  func reflectionFile(package: String) async throws {
    try await serve(.alwaysServing) { grpc in
      let symbols = ["ServerReflection", "ServerReflection.ServerReflectionInfo", "ServerReflectionRequest"]
      let answers = try await ask(
        package, symbols.map { symbol in .with { $0.fileContainingSymbol = "\(package).\(symbol)" } }, of: grpc)
      for answer in answers {
        let bytes = try #require(answer.fileDescriptorResponse.fileDescriptorProto.first)
        let file = try Google_Protobuf_FileDescriptorProto(serializedBytes: bytes)
        #expect(file.package == package)
        #expect(file.name == package.replacing(".", with: "/") + "/reflection.proto")
        let declared = Set(file.messageType.map { ".\(package).\($0.name)" })
        let used = file.service.flatMap(\.method).flatMap { [$0.inputType, $0.outputType] }
        let fields = file.messageType.flatMap(\.field).filter(\.hasTypeName).map(\.typeName)
        #expect(!used.isEmpty && declared.isSuperset(of: used + fields))
      }
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

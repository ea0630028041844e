import GRPCCore
import SwiftProtobuf
import SystemSupport
import Testing

extension Contracts {
  /// Running processes: each serves what it should, in the form that it should, and nothing else.
  @Suite struct ServingTests {
    private static let packages = Result { try ServedPackages() }
    private static let schema = Result { Schema(try .contracts()) }

    @Test("The contracts' document names every service and who serves it") func document() throws {
      let schema = try Self.schema.get()
      let rows = try Self.packages.get().rows
      #expect(Set(rows.flatMap(\.packages)) == Set(schema.methods.map(\.package)))
      for row in rows where row.packages.count == 1 {
        #expect(
          Set(row.services.map { "\(row.packages[0]).\($0)" })
            == Set(schema.services.keys.filter { $0.hasPrefix(row.packages[0] + ".") }))
      }
    }

    @Test(
      "A process tells through reflection the services and call kinds of the contracts, and no others",
      arguments: ServedPackages.processes)
    func reflection(process: String) async throws {
      let (schema, packages) = (try Self.schema.get(), try Self.packages.get())
      let expected = schema.services.filter { name, _ in
        let package = name.split(separator: ".").dropLast().joined(separator: ".")
        return packages.processes(serving: package).contains(process)
      }
      var reflected = try await ReflectedServices.of(process)
      // The older name of reflection, which no contract declares: the same methods, with its own messages.
      let older = reflected.removeValue(forKey: "grpc.reflection.v1alpha.ServerReflection")
      let current = try expected["grpc.reflection.v1.ServerReflection"]?.jsonString()
      #expect(
        try older?.jsonString() == current?.replacing("grpc.reflection.v1.", with: "grpc.reflection.v1alpha."))
      #expect(reflected == expected)
    }

    @Test(
      "A method is served by the process that should serve it, and unknown to every other",
      arguments: ServedPackages.processes)
    func calls(process: String) async throws {
      let (schema, packages) = (try Self.schema.get(), try Self.packages.get())
      let calls = try await RawClient.with(process) { client in
        for method in schema.methods {
          let isServed = packages.processes(serving: method.package).contains(process)
          let answer = try await client.call(method.descriptor, mostResponses: 1)
          #expect((answer.code != .unimplemented) == isServed, "\(method): \(String(describing: answer.code))")
        }
        return schema.methods.count
      }
      ContractReport.shared.add(
        .serving, process == ServedPackages.processes[0] ? schema.methods.count : 0, 1, calls)
    }

    @Test("A method or a service that no contract names is UNIMPLEMENTED", arguments: ServedPackages.processes)
    func unknown(process: String) async throws {
      let schema = try Self.schema.get()
      let session = try await ContractStack.running().ready().session
      var names = schema.methods.flatMap { method in
        // Near misses: another version, another case, another service's method, a bare service.
        [
          MethodDescriptor(fullyQualifiedService: method.service, method: method.declared.name.lowercased()),
          MethodDescriptor(fullyQualifiedService: method.service + "s", method: method.declared.name),
          MethodDescriptor(
            fullyQualifiedService: method.service.replacing(/\.v[0-9]+\./, with: ".v9."), method: method.declared.name),
        ]
      }
      names += schema.services.keys.map { MethodDescriptor(fullyQualifiedService: $0, method: "NoSuchMethod") }
      names.append(
        MethodDescriptor(
          fullyQualifiedService: "grpc.reflection.v1beta.ServerReflection", method: "ServerReflectionInfo"))
      try await RawClient.with(process) { [names] client in
        for name in names {
          let answer = try await client.call(name, credential: session)
          #expect(answer.code == .unimplemented, "\(name): \(String(describing: answer.code))")
        }
      }
      ContractReport.shared.add(.serving, 0, 0, names.count)
    }

    @Test("A method takes one message or many, as its contract says") func requestKinds() async throws {
      let (schema, packages) = (try Self.schema.get(), try Self.packages.get())
      let session = try await ContractStack.running().ready().session
      for process in ServedPackages.processes {
        // As the verifier: who else asks for a credential is refused before the messages are counted.
        try await RawClient.with(process, as: "auth-verifier") { client in
          for method in schema.methods where packages.processes(serving: method.package).contains(process) {
            let two = try await client.call(method.descriptor, [[], []], credential: session)
            let none = try await client.call(method.descriptor, [], credential: session)
            // Refused before the service's own code sees anything.
            let refusesTwo = two.code == .internalError && two.message.contains("Too many messages")
            let refusesNone = none.code == .internalError && none.message.contains("Empty stream")
            #expect(refusesTwo != method.declared.clientStreaming, "\(method): \(two.message)")
            #expect(refusesNone != method.declared.clientStreaming, "\(method): \(none.message)")
          }
        }
      }
      ContractReport.shared.add(.callKinds, schema.methods.count)
    }
  }
}

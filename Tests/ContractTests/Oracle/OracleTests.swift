import SwiftProtobuf
import Testing

extension Contracts {
  /// Every message against protobuf-c: what the services put on the wire is what another implementation reads and
  /// writes.
  @Suite struct OracleTests {
    /// Instances of each message.
    private static let instances = 160
    private static let schema = Result {
      var set = try Google_Protobuf_FileDescriptorSet.contracts()
      let known = Set(set.file.map(\.name))
      set.file += try Google_Protobuf_FileDescriptorSet.testMessages().file.filter { !known.contains($0.name) }
      return Schema(set)
    }

    private static let messageNames = (try? schema.get().messageNames) ?? []

    @Test("Every message of the contracts is known to both implementations, and nothing else is")
    func completeness() throws {
      let schema = try Self.schema.get()
      #expect(schema.messageNames.count > 80)
      #expect(Set(MessageTypes.all.keys) == Set(schema.messageNames))
      #expect(ProtobufC.messageNames == Set(schema.messages.keys))
    }

    @Test("Both implementations write the same bytes for what either of them wrote", arguments: messageNames)
    func agreement(message name: String) throws {
      let schema = try Self.schema.get()
      let type = try #require(MessageTypes.all[name])
      let hasMap = schema.hasMap(name)
      var bytes = 0
      for instance in 0..<Self.instances {
        var generator = WireGenerator(schema, message: name, instance: instance)
        let wire = generator.message(name)
        bytes += wire.count
        let agree = try hasMap ? agreeByValue(type, name, wire) : agreeByBytes(type, name, wire)
        try #require(agree, "instance \(instance), \(generator.shape): \(hex(wire.prefix(400)))")
      }
      ContractReport.shared.add(.oracle, 1, Self.instances, bytes)
    }

    @Test("Both implementations refuse what is cut off", arguments: messageNames)
    func refusal(message name: String) throws {
      let schema = try Self.schema.get()
      let type = try #require(MessageTypes.all[name])
      var damaged = 0
      for instance in 3..<Self.instances / 4 {
        var generator = WireGenerator(schema, message: name, instance: instance)
        let wire = generator.message(name)
        guard !wire.isEmpty else { continue }
        let cut = Array(wire.prefix(Int.random(in: 0..<wire.count, using: &generator.random)))
        let isRefused = (try? type.init(serializedBytes: cut)) == nil
        #expect((ProtobufC.repack(cut, as: name) == nil) == isRefused, "\(hex(cut.prefix(400)))")
        damaged += isRefused ? 1 : 0
      }
      ContractReport.shared.add(.refusals, 1, damaged)
    }

    /// SwiftProtobuf's bytes come back from protobuf-c, protobuf-c's from SwiftProtobuf, and both read `wire` alike.
    private func agreeByBytes<M: Message>(_: M.Type, _ name: String, _ wire: [UInt8]) throws -> Bool {
      let swift: [UInt8] = try M(serializedBytes: wire).serializedBytes()
      let c = try #require(ProtobufC.repack(wire, as: name))
      let back: [UInt8] = try M(serializedBytes: c).serializedBytes()
      return ProtobufC.repack(swift, as: name) == swift && back == c && swift == c
    }

    /// The same for messages with maps, whose entries come in any order: compared in one order.
    private func agreeByValue<M: Message>(_: M.Type, _ name: String, _ wire: [UInt8]) throws -> Bool {
      var ordered = BinaryEncodingOptions()
      ordered.useDeterministicOrdering = true
      let message = try M(serializedBytes: wire)
      let value: [UInt8] = try message.serializedBytes(options: ordered)
      let swift: [UInt8] = try message.serializedBytes()
      return try [swift, wire].allSatisfy { bytes in
        let c = try #require(ProtobufC.repack(bytes, as: name))
        return try M(serializedBytes: c).serializedBytes(options: ordered) == value
      }
    }

    private func hex(_ bytes: some Sequence<UInt8>) -> String {
      bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }
}

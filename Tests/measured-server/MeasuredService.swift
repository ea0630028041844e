import CAllocations
import Foundation
import GRPCCore

/// Takes and gives bytes without a copy of its own, and tells what that cost.
struct MeasuredService: RegistrableRPCService {
  /// From how many bytes on allocations count; the size of the message that it sends.
  static let messageBytes = 1 << 20
  private static let answer = [UInt8](repeating: 7, count: messageBytes)

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    self.register("Receive", with: &router) { _ in [] }
    self.register("Send", with: &router) { _ in Self.answer }
    self.register("Echo", with: &router) { $0 }
    // How often so much memory was allocated so far.
    self.register("Allocations", with: &router) { _ in Array("\(allocations_counted())".utf8) }
    // The memory that is in RAM, in bytes.
    self.register("Resident", with: &router) { _ in Array("\(try Self.residentBytes())".utf8) }
  }

  private func register<Transport: ServerTransport>(
    _ method: String, with router: inout RPCRouter<Transport>,
    _ answer: @escaping @Sendable (consuming [UInt8]) throws -> [UInt8]
  ) {
    router.registerHandler(
      forMethod: MethodDescriptor(fullyQualifiedService: "test.Service", method: method),
      deserializer: SharedBytes(), serializer: SharedBytes()
    ) { request, _ in
      var iterator = request.messages.makeAsyncIterator()
      let answer = try answer(try await iterator.next() ?? [])
      return StreamingServerResponse { writer in
        try await writer.write(answer)
        return [:]
      }
    }
  }

  private static func residentBytes() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}

/// Hands on the transport's own arrays.
private struct SharedBytes: MessageSerializer, MessageDeserializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes {
    message as? Bytes ?? Bytes(message)
  }

  func deserialize<Bytes: GRPCContiguousBytes>(_ serializedMessageBytes: Bytes) throws -> [UInt8] {
    serializedMessageBytes as? [UInt8] ?? serializedMessageBytes.withUnsafeBytes { Array($0) }
  }
}

import GRPCCore
import Synchronization

/// A service whose methods are closures over raw bytes.
struct TestService: RegistrableRPCService {
  typealias Handler =
    @Sendable (StreamingServerRequest<[UInt8]>, ServerContext) async throws -> StreamingServerResponse<[UInt8]>

  static let name = "test.Service"

  var handlers: [String: Handler]

  /// The standard methods and `extra` ones.
  init(_ extra: [String: Handler] = [:]) {
    self.handlers = [
      "Echo": Self.echo, "Collect": Self.collect, "Expand": Self.expand, "Reflect": Self.reflect, "Fail": Self.fail,
    ].merging(extra) { $1 }
  }

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    for (name, handler) in self.handlers {
      router.registerHandler(
        forMethod: Self.method(name), deserializer: BytesCoder(), serializer: BytesCoder(), handler: handler)
    }
  }

  static func method(_ name: String) -> MethodDescriptor {
    MethodDescriptor(fullyQualifiedService: self.name, method: name)
  }

  /// Sends every message back as it comes.
  static let echo: Handler = { request, _ in
    StreamingServerResponse { writer in
      for try await message in request.messages {
        try await writer.write(message)
      }
      return [:]
    }
  }

  /// Answers with all messages joined.
  static let collect: Handler = { request, _ in
    var all: [UInt8] = []
    for try await message in request.messages {
      all += message
    }
    let joined = all
    return StreamingServerResponse { writer in
      try await writer.write(joined)
      return [:]
    }
  }

  /// Answers with as many messages as the request's first byte says.
  static let expand: Handler = { request, _ in
    var iterator = request.messages.makeAsyncIterator()
    let count = try await iterator.next()?.first ?? 0
    return StreamingServerResponse { writer in
      for index in 0..<count {
        try await writer.write([index])
      }
      return [:]
    }
  }

  /// Sends the request's metadata back as headers and as trailers.
  static let reflect: Handler = { request, _ in
    let metadata = request.metadata
    return StreamingServerResponse(metadata: metadata) { writer in
      try await writer.write([])
      return metadata
    }
  }

  /// Throws the error that the message describes: a byte of code, then UTF-8.
  static let fail: Handler = { request, _ in
    var iterator = request.messages.makeAsyncIterator()
    let message = try await iterator.next() ?? []
    let status = Status.Code(rawValue: Int(message.first ?? 2)) ?? .unknown
    throw RPCError(
      code: RPCError.Code(status) ?? .unknown, message: String(decoding: message.dropFirst(), as: UTF8.self),
      metadata: ["x-detail-bin": .binary([0, 255, 1])])
  }
}

/// Passes bytes through.
struct BytesCoder: MessageSerializer, MessageDeserializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes {
    Bytes(message)
  }

  func deserialize<Bytes: GRPCContiguousBytes>(_ serializedMessageBytes: Bytes) throws -> [UInt8] {
    serializedMessageBytes.withUnsafeBytes { Array($0) }
  }
}

/// A number that tests wait for.
final class Counter: Sendable {
  private let count = Mutex(0)

  var value: Int { self.count.withLock { $0 } }

  func add(_ amount: Int = 1) {
    self.count.withLock { $0 += amount }
  }
}

/// Something that happens once and can be awaited.
final class Event: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation
  private let flag = Mutex(false)

  init() {
    (self.stream, self.continuation) = AsyncStream.makeStream()
  }

  var hasHappened: Bool { self.flag.withLock { $0 } }

  func happen() {
    self.flag.withLock { $0 = true }
    self.continuation.finish()
  }

  /// Waits for it; only one task may.
  func wait() async {
    for await _ in self.stream {}
  }
}

import GRPCCore
import GRPCNghttp2Transport

/// Calls of any method by its name, with any bytes: what no stub would send.
struct RawClient: Sendable {
  /// How a call ended.
  struct Answer: Sendable {
    var code: RPCError.Code?
    var message = ""
    var responses: [[UInt8]] = []
  }

  private struct Bytes: MessageSerializer, MessageDeserializer {
    func serialize<B: GRPCContiguousBytes>(_ message: [UInt8]) throws -> B { B(message) }

    func deserialize<B: GRPCContiguousBytes>(_ bytes: B) throws -> [UInt8] { bytes.withUnsafeBytes { Array($0) } }
  }

  private let client: GRPCClient<Nghttp2ClientTransport>

  /// Connects to a process of the stack while something runs.
  static func with<R: Sendable>(
    _ process: String, as workload: String = "client", _ body: @Sendable (RawClient) async throws -> R
  ) async throws -> R {
    let transport = try await ContractStack.transport(to: process, as: workload)
    return try await withGRPCClient(transport: transport) { try await body(RawClient(client: $0)) }
  }

  /// Sends messages to a method and reads its answer, of an endless one the beginning.
  func call(
    _ method: MethodDescriptor, _ messages: [[UInt8]] = [[]], credential: String? = nil, mostResponses: Int = 4
  ) async throws -> Answer {
    var options = CallOptions.defaults
    options.timeout = .seconds(30)
    options.waitForReady = true
    let metadata: Metadata = credential.map { ["authorization": "Bearer \($0)"] } ?? [:]
    let request = StreamingClientRequest<[UInt8]>(metadata: metadata) { writer in
      // A server that refuses early leaves nobody to write to: its answer is what counts.
      for message in messages { try? await writer.write(message) }
    }
    do {
      return try await client.bidirectionalStreaming(
        request: request, descriptor: method, serializer: Bytes(), deserializer: Bytes(), options: options
      ) { response in
        var answer = Answer()
        for try await message in response.messages {
          answer.responses.append(message)
          if answer.responses.count == mostResponses { break }
        }
        return answer
      }
    } catch let error as RPCError {
      return Answer(code: error.code, message: error.message)
    }
  }
}

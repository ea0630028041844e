import GRPCCore
import GRPCNghttp2Transport
import GRPCProtobuf
import Gateway
import Hummingbird
import Logging
import ServiceKit
import TemporisAPI
import TestSupport
import Testing

/// The client of the service, over real sockets.
@Suite struct RemoteIngestClientTests {
  /// Refuses at once, whatever is still coming.
  private struct RefusingService: RegistrableRPCService {
    let reason: ServiceError.Reason

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
      router.registerHandler(
        forMethod: Temporis_Predict_V1_DataSourceService.Method.Ingest.descriptor,
        deserializer: ProtobufDeserializer<Temporis_Predict_V1_IngestRequest>(),
        serializer: ProtobufSerializer<Temporis_Predict_V1_IngestResponse>()
      ) { _, _ in throw ServiceError(reason, retryAfter: .seconds(3)) }
    }
  }

  @Test(
    "A refusal that comes before the rows have been sent is what is thrown",
    arguments: [
      (ServiceError.Reason.accessTokenInvalid, 401), (.rateLimited, 429), (.dataSourceArchived, 409),
    ])
  func earlyRefusal(_ reason: ServiceError.Reason, _ status: Int) async throws {
    let logger = Logger.silent
    let transport = Nghttp2ServerTransport(listeningOn: try SocketEndpoint(parsing: "127.0.0.1:0"), logger: logger)
    var record = Temporis_Predict_V1_Record()
    record.name = String(repeating: "a", count: 255)
    var batch = Temporis_Predict_V1_RecordBatch()
    batch.records = Array(repeating: record, count: 4_096)
    let batches = Array(repeating: batch, count: 25)
    try await withGRPCServer(transport: transport, services: [RefusingService(reason: reason)]) { server in
      let client = try ServiceClient(endpoints: [try await server.transport.boundEndpoint])
      await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        defer { client.grpc.beginGracefulShutdown() }
        let ingest = RemoteIngestClient(client: client, timeout: .seconds(30))
        for _ in 0..<10 {
          let error = await #expect(throws: (any Error).self) {
            try await ingest.ingest(batches, into: "store_metrics", authorization: "Bearer x")
          }
          let answer = error.map { APIError($0, during: .ingest) }
          #expect(answer?.status.code == status, "\(String(describing: error))")
          if status == 429 { #expect(answer?.headers[.retryAfter] == "3") }
        }
      }
    }
  }
}

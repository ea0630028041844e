import GRPCCore
import GRPCNghttp2Transport
import TemporisAPI

/// The values of `count` possible futures of a data profile, step by step; billed to the token's account.
func futures(
  of profile: String, count: Int32, token: String, predictService address: String, asking identity: WorkloadIdentity
) async throws -> [[Double]] {
  let transport = try Nghttp2ClientTransport(
    endpoints: [SocketEndpoint(parsing: address)], security: .mutualTLS(identity, peer: .workload("predict-service")))
  return try await withGRPCClient(transport: transport) { client in
    let predictions = Temporis_Predict_V1_PredictionService.Client(wrapping: client)
    var request = Temporis_Predict_V1_PredictRequest()
    request.dataProfile = profile
    request.count = count
    request.temperature = 1
    request.topP = 0.9
    var options = CallOptions.defaults
    options.timeout = .seconds(30)
    return try await predictions.predict(
      request, metadata: ["authorization": "Bearer \(token)"], options: options
    ) { response in
      var futures: [[Double]] = []
      for try await part in response.messages {
        if case .trajectory(let trajectory) = part.part { futures.append(trajectory.values) }
      }
      return futures
    }
  }
}

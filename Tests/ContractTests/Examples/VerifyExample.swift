import GRPCCore
import GRPCNghttp2Transport
import TemporisAPI

/// The account that a request acts for. Nil: answer it with 401. An error is a fault: answer it with 502, never with
/// 401.
func account(
  of authorization: String, verifier address: String, asking identity: WorkloadIdentity
) async throws -> String? {
  let transport = try Nghttp2ClientTransport(
    endpoints: [SocketEndpoint(parsing: address)], security: .mutualTLS(identity, peer: .workload("auth-verifier")))
  return try await withGRPCClient(transport: transport) { client in
    let verifier = Temporis_Verifier_V1_VerifierService.Client(wrapping: client)
    var request = Temporis_Verifier_V1_VerifyRequest()
    request.authorization = authorization
    request.requiredPermission = .predict
    var options = CallOptions.defaults
    options.timeout = .seconds(2)
    let answer = try await verifier.verify(request, options: options)
    return answer.verdict == .valid ? answer.principal.accountID : nil
  }
}

import GRPCNghttp2Transport

/// What every caller of a service is told of it.
extension Setting where Value == [SocketEndpoint] {
  /// Where the replicas of a service are called; by default where one listens that was told nothing.
  package static func replicas(of service: Workload) -> Self {
    let address: String? =
      switch service {
      case .tokenService: "127.0.0.1:50051"
      case .authVerifier: "127.0.0.1:50052"
      case .predictService: "127.0.0.1:50053"
      case .apiGateway, .client: nil
      }
    return endpoints(
      service.rawValue, default: address, help: "The addresses of \(service.rawValue)'s replicas, separated by commas.")
  }
}

extension Setting where Value == Duration {
  /// How long a verdict may take.
  package static var verifyTimeout: Self {
    seconds("verify-timeout", default: 2, help: "How long the auth-verifier may take for a verdict, in seconds.")
  }

  /// The longest that predict-service may take to write a charge. The gateway's time for a prediction must be longer.
  package static var chargeWriteTimeout: Self {
    seconds(
      "charge-write-timeout", default: 10, in: 0.1...3_600,
      help: "The longest that writing a prediction's charge may take, in seconds.")
  }
}

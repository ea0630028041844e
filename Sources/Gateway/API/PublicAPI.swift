import Hummingbird
package import TokenDomain

/// The public HTTP API: its routes over the services that do the work.
package struct PublicAPI: Sendable {
  private let ingest: IngestRoute
  private let predict: PredictRoute

  /// Creates the API over the services that do the work.
  package init(
    ingest: any IngestClient, predictions: any PredictionClient, verifier: any AuthorizationVerifier
  ) {
    self.ingest = IngestRoute(client: ingest, intake: OperationIntake(.ingest, verifier: verifier))
    self.predict = PredictRoute(client: predictions, intake: OperationIntake(.predict, verifier: verifier))
  }

  /// The routes.
  package var routes: [Route] {
    [
      Route(
        .post, "/v1/data_sources/ingest", bodyLimit: IngestRoute.bodyLimit, admit: ingest.intake.account,
        respond: ingest.respond),
      Route(
        .post, "/v1/predict", bodyLimit: PredictRoute.bodyLimit, admit: predict.intake.account,
        respond: predict.respond),
      .health,
    ]
  }
}

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
    let authorizer = RequestAuthorizer(verifier: verifier)
    self.ingest = IngestRoute(client: ingest, authorizer: authorizer)
    self.predict = PredictRoute(client: predictions, authorizer: authorizer)
  }

  /// The routes.
  package var routes: [Route] {
    [
      Route(
        .post, "/v1/data_sources/ingest", bodyLimit: IngestRoute.bodyLimit, admit: ingest.admit, respond: ingest.respond
      ),
      Route(.post, "/v1/predict", bodyLimit: PredictRoute.bodyLimit, admit: predict.admit, respond: predict.respond),
      .health,
    ]
  }
}

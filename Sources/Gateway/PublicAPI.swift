import Hummingbird
package import ServiceKit

/// The public HTTP API: what there is, and who answers it.
package struct PublicAPI: Sendable {
  private let ingest: IngestRoute
  private let predict: PredictRoute

  /// Creates the API over the services that do the work.
  package init(
    ingest: any IngestClient, predictions: any PredictionClient, verifier: any AuthorizationVerifier
  ) {
    let gatekeeper = Gatekeeper(verifier: verifier)
    self.ingest = IngestRoute(client: ingest, gatekeeper: gatekeeper)
    self.predict = PredictRoute(client: predictions, gatekeeper: gatekeeper)
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

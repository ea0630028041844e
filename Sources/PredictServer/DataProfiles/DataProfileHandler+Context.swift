import Forecasting
package import GRPCCore
import ServiceKit
package import TemporisAPI
import TokenDomain

extension DataProfileHandler {
  /// Reads the history that a forecast of one of the account's own data profiles continues.
  ///
  /// A public profile of the operator's isn't found: of that, other accounts see forecasts alone.
  package func getDataProfileContext(
    request: Temporis_Predict_V1_GetDataProfileContextRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_GetDataProfileContextResponse {
    let accountID = try Principal.required().accountID
    guard let profile = try await store.find(name: request.name, accountID: accountID) else {
      throw ServiceError(.dataProfileNotFound)
    }
    let preview = try await contexts.preview(of: profile, points: request.pointLimit, for: accountID)
    return Temporis_Predict_V1_GetDataProfileContextResponse(preview, settings: profile.settings)
  }
}

extension Temporis_Predict_V1_GetDataProfileContextResponse {
  fileprivate init(_ preview: ContextPreview, settings: ForecastSettings) {
    self.init()
    anchor = preview.anchor ?? 0
    stepSeconds = settings.step
    timestamps = preview.timestamps
    series = settings.names.indices.map { index in
      var series = Temporis_Predict_V1_ContextSeries(preview.series[index])
      series.name = settings.names[index]
      series.missingPoints = preview.losses.missing[index]
      return series
    }
    contextPoints = Int64(preview.pointCount)
    contextLimit = Int64(settings.contextLength)
    servingPoints = Int64(settings.minimumContextLength)
    sufficient = preview.pointCount >= settings.minimumContextLength
    maskedPoints = preview.losses.masked
    gapPoints = preview.losses.gaps
    unjoinedPoints = preview.losses.unjoined
    maskedSpans = preview.maskedSpans.map { span in
      var message = Temporis_Predict_V1_MaskedSpan()
      message.startTimestamp = span.lowerBound
      message.endTimestamp = span.upperBound
      return message
    }
  }
}

extension Temporis_Predict_V1_ContextSeries {
  fileprivate init(_ series: ContextPreview.Series) {
    self.init()
    values = series.values
    filled = series.filled.map { Int32($0) }
    filledPoints = Int64(series.filledCount)
  }
}

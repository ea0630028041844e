import Forecasting
import ServiceKit
import SwiftProtobuf
import TemporisAPI

extension DataProfile {
  var message: Temporis_Predict_V1_DataProfile {
    var message = Temporis_Predict_V1_DataProfile()
    message.id = id
    message.name = name
    message.settings = Temporis_Predict_V1_ProfileSettings(settings, dataSource: sourceName)
    message.ready = isReady
    message.statistics = zip(settings.names, bands).map { name, band in
      var statistics = Temporis_Predict_V1_SeriesStatistics()
      statistics.name = name
      statistics.lower = band.lower
      statistics.upper = band.upper
      return statistics
    }
    message.createTime = Google_Protobuf_Timestamp(createTime)
    return message
  }
}

extension Temporis_Predict_V1_ProfileSettings {
  /// The settings with every default filled in.
  init(_ settings: ForecastSettings, dataSource: String) {
    self.init()
    self.dataSource = dataSource
    names = settings.names
    interval = settings.interval
    patchLen = Google_Protobuf_Int32Value(Int32(settings.patchLength))
    patchSpacing = Google_Protobuf_Int32Value(Int32(settings.patchSpacing))
    numPatches = Google_Protobuf_Int32Value(Int32(settings.numPatches))
    minPatches = Google_Protobuf_Int32Value(Int32(settings.minPatches))
    fillLimit = Google_Protobuf_Int32Value(Int32(settings.fillLimit))
    useDiffs = settings.usesDiffs
    if let window = settings.excludeWindow {
      excludeWindow.timeZone = window.timeZone
      excludeWindow.startMinute = Int32(window.startMinute)
      excludeWindow.stopMinute = Int32(window.stopMinute)
    }
  }

  /// These settings with those that a mask names taken from others; all of them when it names none, or `*` (AIP-134).
  ///
  /// - Throws: `ServiceError` with `invalidArgument`, naming a path that is no setting.
  func merging(_ other: Self, mask: Google_Protobuf_FieldMask) throws(ServiceError) -> Self {
    guard !mask.paths.isEmpty, mask.paths != ["*"] else { return other }
    let paths = Set(mask.paths)
    if let path = paths.first(where: { !Self.isPathValid($0) }) {
      throw ServiceError(.invalidArgument, "update_mask: '\(path.prefix(64))' is not a setting")
    }
    let mask = Google_Protobuf_FieldMask.with { $0.paths = Array(paths) }
    let kept = Google_Protobuf_FieldMask(allFieldsOf: Self.self).subtract(mask)
    guard !kept.paths.isEmpty else { return other }
    // Merging leaves a message alone that is absent in the other; here, absent is a value too.
    var merged = self
    merged.trim(keeping: kept)
    var options = Google_Protobuf_FieldMask.MergeOptions()
    options.replaceRepeatedFields = true
    do {
      try merged.merge(from: other, fieldMask: mask, mergeOption: options)
    } catch {
      throw ServiceError(.invalidArgument, "update_mask: it does not fit the settings")
    }
    return merged
  }

  /// The engine's settings.
  ///
  /// - Throws: `ServiceError` with `invalidArgument`, naming the first setting that is out of its range.
  func forecastSettings() throws(ServiceError) -> ForecastSettings {
    do {
      var window: ExcludeWindow?
      if hasExcludeWindow {
        window = try ExcludeWindow(
          timeZone: excludeWindow.timeZone, startMinute: Int(excludeWindow.startMinute),
          stopMinute: Int(excludeWindow.stopMinute))
      }
      return try ForecastSettings(
        names: names, interval: interval, patchLength: hasPatchLen ? Int(patchLen.value) : 16,
        patchSpacing: hasPatchSpacing ? Int(patchSpacing.value) : 1,
        numPatches: hasNumPatches ? Int(numPatches.value) : 32,
        minPatches: hasMinPatches ? Int(minPatches.value) : nil, fillLimit: hasFillLimit ? Int(fillLimit.value) : 2,
        usesDiffs: useDiffs, excludeWindow: window)
    } catch {
      throw ServiceError(.invalidArgument, error.message)
    }
  }
}

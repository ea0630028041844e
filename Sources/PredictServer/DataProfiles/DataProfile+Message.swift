import Forecasting
import ServiceDatabase
import ServiceKit
import SwiftProtobuf
import TemporisAPI

extension Temporis_Predict_V1_DataProfile {
  init(_ profile: DataProfile) {
    self.init()
    id = profile.id
    name = profile.name
    settings = Temporis_Predict_V1_ProfileSettings(profile.settings, dataSource: profile.sourceName)
    ready = profile.isReady
    statistics = zip(profile.settings.names, profile.bands).map { name, band in
      var statistics = Temporis_Predict_V1_SeriesStatistics()
      statistics.name = name
      statistics.lower = band.lower
      statistics.upper = band.upper
      return statistics
    }
    createTime = Google_Protobuf_Timestamp(profile.createTime)
    forecast = Temporis_Predict_V1_ForecastShape(profile.settings)
  }
}

extension Temporis_Predict_V1_ForecastShape {
  init(_ settings: ForecastSettings) {
    self.init()
    stepSeconds = settings.step
    horizonSteps = Int32(settings.horizon)
    readyPoints = Int64(settings.readyLength)
    servingPoints = Int64(settings.minimumContextLength)
    tokensPerTrajectory = settings.modelTokens(count: 1)
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
      throw ServiceError(violating: "update_mask", "must name settings, not '\(path.prefix(64))'")
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
      throw ServiceError(violating: "update_mask", "must fit the settings")
    }
    return merged
  }

  /// The engine's settings, which know the rules.
  ///
  /// - Throws: `ServiceError` with `invalidArgument` and every setting that breaks a rule.
  func forecastSettings() throws(ServiceError) -> ForecastSettings {
    var violations: [SettingViolation] = []
    var window: ExcludeWindow?
    do {
      if hasExcludeWindow { window = try ExcludeWindow(excludeWindow) }
    } catch {
      violations = error.violations
    }
    do {
      let settings = try ForecastSettings(
        names: names, interval: interval, patchLength: hasPatchLen ? Int(patchLen.value) : 16,
        patchSpacing: hasPatchSpacing ? Int(patchSpacing.value) : 1,
        numPatches: hasNumPatches ? Int(numPatches.value) : 32,
        minPatches: hasMinPatches ? Int(minPatches.value) : nil, fillLimit: hasFillLimit ? Int(fillLimit.value) : 2,
        usesDiffs: useDiffs, excludeWindow: window)
      if violations.isEmpty { return settings }
    } catch {
      violations = error.violations + violations
    }
    throw ServiceError(
      violations: violations.map { FieldViolation(field: "settings.\($0.setting)", rule: $0.rule) })
  }
}

extension ExcludeWindow {
  fileprivate init(_ window: Temporis_Predict_V1_ExcludeWindow) throws(ForecastError) {
    try self.init(
      timeZone: window.timeZone, startMinute: Int(window.startMinute), stopMinute: Int(window.stopMinute))
  }
}

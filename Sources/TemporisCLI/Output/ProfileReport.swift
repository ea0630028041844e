import SwiftProtobuf
import TemporisAPI

/// A data profile as it is printed.
struct ProfileReport: Printable {
  /// The forecast that the settings make.
  struct Forecast: Encodable {
    let stepSeconds: Int64
    let horizonSteps: Int32
    let readyPoints: Int64
    let servingPoints: Int64
    let tokensPerTrajectory: Int64
  }

  /// The normalization band of one series.
  struct Band: Encodable {
    let name: String
    let lower: Double
    let upper: Double
  }

  let name: String
  let dataSource: String
  let names: [String]
  let interval: Int64
  let patchLen: Int32
  let patchSpacing: Int32
  let numPatches: Int32
  let minPatches: Int32
  let fillLimit: Int32
  let useDiffs: Bool
  @OrNull var excludeWindow: String?
  let forecast: Forecast
  let ready: Bool
  let published: Bool
  let statistics: [Band]
  let createTime: String

  /// Takes a data profile with every default filled in.
  init(_ profile: Temporis_Predict_V1_DataProfile) {
    let (settings, forecast) = (profile.settings, profile.forecast)
    name = profile.name
    dataSource = settings.dataSource
    names = settings.names
    interval = settings.interval
    patchLen = settings.patchLen.value
    patchSpacing = settings.patchSpacing.value
    numPatches = settings.numPatches.value
    minPatches = settings.minPatches.value
    fillLimit = settings.fillLimit.value
    useDiffs = settings.useDiffs
    excludeWindow = settings.hasExcludeWindow ? ExcludeWindowText(settings.excludeWindow).text : nil
    self.forecast = Forecast(
      stepSeconds: forecast.stepSeconds, horizonSteps: forecast.horizonSteps, readyPoints: forecast.readyPoints,
      servingPoints: forecast.servingPoints, tokensPerTrajectory: forecast.tokensPerTrajectory)
    ready = profile.ready
    published = profile.published
    statistics = profile.statistics.map { Band(name: $0.name, lower: $0.lower, upper: $0.upper) }
    createTime = profile.createTime.instant
  }

  static let headings = ["NAME", "SOURCE", "NAMES", "INTERVAL", "STATE", "CREATED"]

  var cells: [String] { [name, dataSource, names.joined(separator: ","), "\(interval) s", state, createTime] }

  private var state: String { ready ? "ready" : "not ready" }

  /// The profile as rows of setting and value.
  var settings: Table {
    var table = Table(headings: ["SETTING", "VALUE"])
    table.add(["name", name])
    table.add(["data_source", dataSource])
    for name in names { table.add(["series", name]) }
    table.add(["interval", "\(interval) s"])
    table.add(["patch_len", "\(patchLen)"])
    table.add(["patch_spacing", "\(patchSpacing)"])
    table.add(["num_patches", "\(numPatches)"])
    table.add(["min_patches", "\(minPatches)"])
    table.add(["fill_limit", "\(fillLimit)"])
    table.add(["use_diffs", "\(useDiffs)"])
    table.add(["exclude_window", excludeWindow ?? "none"])
    table.add(["forecast", "\(Count.grouped(forecast.horizonSteps, "step")) of \(forecast.stepSeconds) s"])
    table.add(["ready with", Count.grouped(forecast.readyPoints, "point")])
    table.add(["serves with", Count.grouped(forecast.servingPoints, "recent point")])
    table.add(["one trajectory", Count.grouped(forecast.tokensPerTrajectory, "model token")])
    table.add(["state", state])
    table.add(["public", published ? "as temporis/\(name)" : "no"])
    for band in statistics { table.add(["band of \(band.name)", "\(band.lower) to \(band.upper)"]) }
    table.add(["created", createTime])
    return table
  }
}

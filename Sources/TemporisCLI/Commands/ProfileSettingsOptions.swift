import ArgumentParser
import SwiftProtobuf
import TemporisAPI

/// The flags that say how a data source is read. The service checks the ranges and fills the defaults in.
struct ProfileSettingsOptions: ParsableArguments {
  @Option(help: "The data source that is read.")
  var source: String

  @Option(help: ArgumentHelp("The series, separated by commas; several are forecast jointly.", valueName: "a,b"))
  var names: String

  @Option(help: ArgumentHelp("The grid's bucket in seconds.", valueName: "seconds"))
  var interval: Int64

  @Option(name: .customLong("patch-len"), help: "Points in one patch. [default: 16]")
  var patchLen: Int32?

  @Option(name: .customLong("patch-spacing"), help: "The stride between the points used. [default: 1]")
  var patchSpacing: Int32?

  @Option(name: .customLong("num-patches"), help: "The most patches of history read as context. [default: 32]")
  var numPatches: Int32?

  @Option(name: .customLong("min-patches"), help: "The fewest patches needed to serve. [default: 4]")
  var minPatches: Int32?

  @Option(name: .customLong("fill-limit"), help: "The longest run of empty buckets that is filled. [default: 2]")
  var fillLimit: Int32?

  @Flag(name: .customLong("use-diffs"), help: "Model log growth from point to point instead of the level.")
  var useDiffs = false

  @Option(
    name: .customLong("exclude-window"),
    help: ArgumentHelp(
      "A daily window that is masked, such as 'America/New_York 20:00-08:00'.", valueName: "zone hh:mm-hh:mm"),
    transform: Self.parseWindow)
  var excludeWindow: ExcludeWindowText?

  /// The settings as the service takes them. What was not given stays absent.
  func message() throws -> Temporis_Predict_V1_ProfileSettings {
    let names = names.split(separator: ",", omittingEmptySubsequences: false).map {
      String($0.drop { $0 == " " })
    }
    return .with {
      $0.dataSource = source
      $0.names = names
      $0.interval = interval
      if let patchLen { $0.patchLen = .init(patchLen) }
      if let patchSpacing { $0.patchSpacing = .init(patchSpacing) }
      if let numPatches { $0.numPatches = .init(numPatches) }
      if let minPatches { $0.minPatches = .init(minPatches) }
      if let fillLimit { $0.fillLimit = .init(fillLimit) }
      $0.useDiffs = useDiffs
      if let excludeWindow {
        $0.excludeWindow.timeZone = excludeWindow.timeZone
        $0.excludeWindow.startMinute = excludeWindow.startMinute
        $0.excludeWindow.stopMinute = excludeWindow.stopMinute
      }
    }
  }

  private static func parseWindow(_ text: String) throws -> ExcludeWindowText {
    guard let window = ExcludeWindowText(parsing: text) else {
      throw ValidationError("--exclude-window takes a window such as 'America/New_York 20:00-08:00', not '\(text)'")
    }
    return window
  }
}

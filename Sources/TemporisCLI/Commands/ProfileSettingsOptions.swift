import ArgumentParser
import SwiftProtobuf
import TemporisAPI

/// The flags that say how a data source is read. The service checks the ranges and fills the defaults in.
package struct ProfileSettingsOptions: ParsableArguments {
  @Option(help: "The data source that is read.")
  var source: String

  @Option(
    name: .customLong("name"),
    help: ArgumentHelp(
      "A series, exactly as it is named; repeated, several are forecast jointly, in this order.", valueName: "series"))
  var exactNames: [String] = []

  @Option(
    help: ArgumentHelp("Short for several --name, where no name holds a comma: separated by commas.", valueName: "a,b"))
  var names: [String] = []

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

  package init() {}

  package func validate() throws {
    guard exactNames.isEmpty != names.isEmpty else {
      throw ValidationError("Give the series by --name, or by --names, and not by both")
    }
  }

  /// The series, in the profile's order.
  package var series: [String] {
    exactNames
      + names.flatMap { list in
        list.split(separator: ",", omittingEmptySubsequences: false).map { String($0).withoutBlanks }
      }
  }

  /// Whether a comma made several names of one list.
  var splitsNames: Bool { series.count > exactNames.count + names.count }

  /// The settings as the service takes them. What was not given stays absent.
  var message: Temporis_Predict_V1_ProfileSettings {
    .with {
      $0.dataSource = source
      $0.names = series
      $0.interval = interval
      if let patchLen { $0.patchLen = .init(patchLen) }
      if let patchSpacing { $0.patchSpacing = .init(patchSpacing) }
      if let numPatches { $0.numPatches = .init(numPatches) }
      if let minPatches { $0.minPatches = .init(minPatches) }
      if let fillLimit { $0.fillLimit = .init(fillLimit) }
      $0.useDiffs = useDiffs
      if let excludeWindow { $0.excludeWindow = excludeWindow.message }
    }
  }

  /// The flags of the message's fields, in the form of ``FieldNaming/fieldNames``.
  var fieldNames: [String: String] {
    [
      "data_source": "--source", "names": exactNames.isEmpty ? "--names" : "--name", "interval": "--interval",
      "patch_len": "--patch-len", "patch_spacing": "--patch-spacing", "num_patches": "--num-patches",
      "min_patches": "--min-patches", "fill_limit": "--fill-limit", "exclude_window": "--exclude-window",
    ]
  }

  private static func parseWindow(_ text: String) throws -> ExcludeWindowText {
    guard let window = ExcludeWindowText(parsing: text) else {
      throw ValidationError("--exclude-window takes a window such as 'America/New_York 20:00-08:00', not '\(text)'")
    }
    return window
  }
}

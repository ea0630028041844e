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

  @OptionGroup var patches: PatchOptions

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
      if let patchLen = patches.patchLen { $0.patchLen = .init(patchLen) }
      if let patchSpacing = patches.patchSpacing { $0.patchSpacing = .init(patchSpacing) }
      if let numPatches = patches.numPatches { $0.numPatches = .init(numPatches) }
      if let minPatches = patches.minPatches { $0.minPatches = .init(minPatches) }
      if let fillLimit = patches.fillLimit { $0.fillLimit = .init(fillLimit) }
      $0.useDiffs = patches.useDiffs
      if let excludeWindow = patches.excludeWindow { $0.excludeWindow = excludeWindow.message }
    }
  }

  /// The flags of the message's fields, in the form of ``FieldNaming/fieldNames``.
  var fieldNames: [String: String] {
    PatchOptions.fieldNames.merging([
      "data_source": "--source", "names": exactNames.isEmpty ? "--names" : "--name", "interval": "--interval",
    ]) { first, _ in first }
  }
}

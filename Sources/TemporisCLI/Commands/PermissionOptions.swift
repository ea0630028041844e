import ArgumentParser
import TemporisAPI

/// The flags that say what an access token may do.
struct PermissionOptions: ParsableArguments {
  /// What can be permitted.
  enum Name: String, ExpressibleByArgument, CaseIterable {
    case ingest, predict

    var permission: Temporis_Token_V1_Permission {
      switch self {
      case .ingest: .ingest
      case .predict: .predict
      }
    }
  }

  @Option(
    name: .customLong("permission"),
    help: ArgumentHelp("What it may do; repeated, several things.", valueName: "permission"))
  var names: [Name] = []

  /// Empty: everything, or no change.
  var values: [Temporis_Token_V1_Permission] { names.map(\.permission) }
}

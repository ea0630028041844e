import ArgumentParser

/// The flags that say how a forecast's patches are made of a grid's points. Whoever takes the settings checks their
/// ranges and fills the defaults in.
struct PatchOptions: ParsableArguments {
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

  /// What the command line calls each setting, in the form of ``FieldNaming/fieldNames``.
  static let fieldNames = [
    "patch_len": "--patch-len", "patch_spacing": "--patch-spacing", "num_patches": "--num-patches",
    "min_patches": "--min-patches", "fill_limit": "--fill-limit", "exclude_window": "--exclude-window",
  ]

  private static func parseWindow(_ text: String) throws -> ExcludeWindowText {
    guard let window = ExcludeWindowText(parsing: text) else {
      throw ValidationError("--exclude-window takes a window such as 'America/New_York 20:00-08:00', not '\(text)'")
    }
    return window
  }
}

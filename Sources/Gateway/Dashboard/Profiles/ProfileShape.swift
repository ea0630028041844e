import SwiftProtobuf
package import TemporisAPI

/// What follows from a profile's settings, as the public documentation has it.
package struct ProfileShape: Sendable, Hashable {
  /// Seconds from one row of a forecast to the next.
  package let step: Int64
  /// Rows of a trajectory: an eighth of `num_patches`, 1 to 8 patches.
  package let horizon: Int
  /// Series that are forecast jointly.
  package let seriesCount: Int
  /// Grid points at which every series has a value, that make the profile ready: two patches, and at least 32.
  package let readyPoints: Int
  /// Recent such points that a forecast needs: `min_patches` patches.
  package let servingPoints: Int

  /// Takes settings with every default filled in, as the service answers them.
  package init(_ settings: Temporis_Predict_V1_ProfileSettings) {
    let patch = Int(max(settings.patchLen.value, 1))
    let (spacing, patches) = (Int64(max(settings.patchSpacing.value, 1)), Int(settings.numPatches.value))
    let (step, overflows) = max(settings.interval, 1).multipliedReportingOverflow(by: spacing)
    self.step = overflows ? .max : step
    horizon = min(max(patches / 8, 1), 8) * patch
    seriesCount = max(settings.names.count, 1)
    readyPoints = max(32, 2 * patch)
    servingPoints = Int(max(settings.minPatches.value, 1)) * patch
  }

  /// Model tokens of one trajectory.
  package var tokensPerTrajectory: Int { horizon * seriesCount }
}

/// What a schedule broke.
enum SimulationFailure: CustomStringConvertible {
  /// Verify answered VALID, and must not.
  case guarantee(String)
  /// A change is never answered, or makes later ones wait.
  case progress(String)

  var description: String {
    switch self {
    case .guarantee(let reason): "the guarantee is broken: \(reason)"
    case .progress(let reason): "no progress: \(reason)"
    }
  }
}

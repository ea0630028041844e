import Foundation

extension DataFolder {
  /// Where a stack lies unless `--data-dir` says otherwise: `$TEMPORIS_DATA_DIR`, else `/var/lib/temporis` for root,
  /// else `$XDG_STATE_HOME/temporis` (by default `~/.local/state/temporis`, XDG Base Directory Specification).
  package static func defaultPath(
    isRoot: Bool = geteuid() == 0, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String {
    if let folder = environment["TEMPORIS_DATA_DIR"], !folder.isEmpty { return folder }
    if isRoot { return "/var/lib/temporis" }
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/temporis" }
    return (environment["HOME"] ?? NSHomeDirectory()) + "/.local/state/temporis"
  }
}

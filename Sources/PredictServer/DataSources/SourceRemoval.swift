/// Removes what deleted data sources have left: their rows, some at a time, and then themselves.
///
/// Every step is a transaction, so that a process that ends in between loses nothing, and the next one goes on. Sources
/// take turns, lest a large one hold up all others; processes share them.
struct SourceRemoval: Sendable {
  let sources: DataSourceStore
  let observations: ObservationStore

  /// Goes on until there is nothing to do, or others are at it.
  ///
  /// What fails for one source holds up no other: it is left to the next run.
  func run() async throws {
    var keys: [DeletedSource: ObservationStore.RowKey] = [:]
    var faults: [DeletedSource: any Error] = [:]
    while try await runRound(&keys, &faults) {}
    if let fault = faults.values.first { throw fault }
  }

  /// - Parameter keys: What is removed already of each source: what comes before its key is not looked at again, as
  ///   passing over rows that are gone takes time, too.
  /// - Returns: Whether anything was removed.
  private func runRound(
    _ keys: inout [DeletedSource: ObservationStore.RowKey], _ faults: inout [DeletedSource: any Error]
  ) async throws -> Bool {
    var hasRemoved = false
    for source in try await sources.deletedSources(except: faults.keys.map(\.id)) {
      try Task.checkCancellation()
      do {
        switch try await observations.removeSome(of: source, from: keys[source] ?? .first) {
        case .passed: continue
        case .removed(let last): keys[source] = last.next
        case .done:
          // There may be as many counts as there were rows.
          if try await sources.removeSomeCounts(of: source) == 0 {
            try await sources.remove(source)
            keys[source] = nil
          }
        }
        hasRemoved = true
      } catch {
        faults[source] = error
      }
    }
    return hasRemoved
  }
}

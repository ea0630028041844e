import Dispatch
import ServiceKit
import Subprocess

/// Keeps child processes running: each is started again with growing waits when it ends.
actor Supervisor {
  /// A child with what is known of it.
  private struct Kept {
    let child: ChildProcess
    let task: Task<Void, Never>
    var processID: Int32?
    var ends = 0
    var failure: LocalStackError?
  }

  private var kept: [String: Kept] = [:]
  private var order: [String] = []
  private var onChange: (@Sendable ([String: [Int32]]) -> Void)?
  private var logTimer: (any DispatchSourceTimer)?

  /// Creates a supervisor of nothing.
  init() {}

  /// Starts a child and keeps it running.
  func keep(_ child: ChildProcess) {
    child.log.rotateAtStart()
    let task = Task { await self.supervise(child) }
    kept[child.label] = Kept(child: child, task: task)
    order.append(child.label)
    boundLogs()
  }

  /// Ends the children of some services, all at once, and waits until they have ended.
  func stop(where matches: (ChildProcess) -> Bool) async {
    let ending = kept.values.filter { matches($0.child) }
    for entry in ending {
      kept[entry.child.label] = nil
      order.removeAll { $0 == entry.child.label }
      entry.task.cancel()
    }
    for entry in ending { await entry.task.value }
    boundLogs()
  }

  /// The ids of the processes that run now, by service.
  var processIDs: [String: [Int32]] {
    var ids: [String: [Int32]] = [:]
    for label in order {
      guard let entry = kept[label] else { continue }
      ids[entry.child.service, default: []] += entry.processID.map { [$0] } ?? []
    }
    return ids
  }

  /// The process id of one child, while it runs.
  func processID(of child: ChildProcess) -> Int32? { kept[child.label]?.processID }

  /// Throws when a child cannot be started, or has ended several times: for those who wait for it.
  func check(_ child: ChildProcess) throws {
    guard let entry = kept[child.label] else { return }
    if let failure = entry.failure { throw failure }
    if entry.ends >= 4 { throw Self.endedFailure(child) }
  }

  /// Says that a child does not come up, with the last line of its log.
  static func endedFailure(_ child: ChildProcess) -> LocalStackError {
    let reason = child.log.lastLine.map { ": \($0)" } ?? ""
    return LocalStackError(.startFailed, "\(child.label) does not start (see \(child.log.path))\(reason)")
  }

  /// Tells a listener from now on which processes run, whenever that changes.
  func observe(_ onChange: (@Sendable ([String: [Int32]]) -> Void)?) {
    self.onChange = onChange
    onChange?(processIDs)
  }

  /// Looks at every log now and then. On a queue of its own: moving a large one away blocks.
  private func boundLogs() {
    logTimer?.cancel()
    logTimer = nil
    let logs = kept.values.map(\.child.log)
    guard !logs.isEmpty else { return }
    let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "temporis.logs", qos: .utility))
    timer.setEventHandler { for log in logs { log.rotateIfLarge() } }
    timer.schedule(deadline: .now() + 5, repeating: 5)
    timer.activate()
    logTimer = timer
  }

  private func supervise(_ child: ChildProcess) async {
    var backoff = Backoff()
    while !Task.isCancelled {
      let start = ContinuousClock.now
      do {
        _ = try await child.runOnce { [weak self] processID in await self?.started(child, processID) }
      } catch {
        kept[child.label]?.failure =
          error as? LocalStackError ?? LocalStackError(.startFailed, "\(child.label) cannot be started")
      }
      ended(child)
      if Task.isCancelled { return }
      try? await pause(for: backoff.next(afterRunning: ContinuousClock.now - start))
    }
  }

  private func started(_ child: ChildProcess, _ processID: Int32) {
    kept[child.label]?.processID = processID
    onChange?(processIDs)
  }

  private func ended(_ child: ChildProcess) {
    kept[child.label]?.processID = nil
    kept[child.label]?.ends += 1
    if kept[child.label] != nil { onChange?(processIDs) }
  }
}

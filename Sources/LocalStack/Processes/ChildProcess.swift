import Subprocess

/// A process that is kept running: what to run, where its output goes, and how it is ended.
struct ChildProcess: Sendable {
  /// How a process is asked to end.
  struct Stop: Sendable {
    /// The first signal.
    var signal = Signal.terminate
    /// How long the process may take after it.
    var patience = Duration.seconds(15)
    /// The second signal, 5 s before the process is killed.
    var then = Signal.terminate
  }

  /// The service that it is one of.
  let service: String
  /// Which one of its service, from 1.
  let number: Int
  /// What to run.
  let command: Command
  /// Where its output goes.
  let log: LogFile
  /// The signal that the kernel sends it when we end, however we end.
  var deathSignal = "KILL"
  /// How it is asked to end.
  var stop = Stop()

  /// `NAME-N`, as in its log's name.
  var label: String { "\(service)-\(number)" }

  /// Runs the process once. A cancelled task ends it as `stop` says, and returns when it has ended.
  ///
  /// - Parameter started: Told the process id.
  /// - Returns: How it ended.
  func runOnce(started: @Sendable (Int32) async -> Void) async throws -> TerminationStatus {
    var options = PlatformOptions()
    // A session of its own: Ctrl-C in the terminal reaches us alone, and we end the processes in order.
    options.createSession = true
    options.teardownSequence = [
      .send(signal: stop.signal, allowedDurationToNextStep: stop.patience),
      .send(signal: stop.then, allowedDurationToNextStep: .seconds(5)),
    ]
    let output = try log.openForAppending()
    let words = command.wrapped(deathSignal: deathSignal)
    do {
      let result = try await Subprocess.run(
        .name(words[0]), arguments: Arguments(Array(words.dropFirst())), environment: command.variables,
        platformOptions: options,
        input: .none, output: .fileDescriptor(output, closeAfterSpawningProcess: true), error: .combinedWithOutput
      ) { execution in
        await started(execution.processIdentifier.value)
      }
      return result.terminationStatus
    } catch let error as SubprocessError {
      throw Command.startFailure(error)
    }
  }
}

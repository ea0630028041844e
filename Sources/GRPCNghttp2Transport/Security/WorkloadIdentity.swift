public import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Who a process is towards its peers, from files that may be replaced while it runs.
///
/// Once new files are whole, new connections use them, within seconds; open connections go on. Files that can't be
/// used, such as a certificate whose key hasn't come yet or whose time hasn't, leave everything as it is, with one
/// warning in the log, and are tried again.
public final class WorkloadIdentity: Sendable {
  private struct State {
    var credentials: IdentityCredentials
    /// Of what the credentials were read from.
    var versions: [IdentityFiles.Version]
    /// Of what was last said that it can't be used.
    var refused: [IdentityFiles.Version]?
  }

  /// More often would only keep a processor busy.
  private static let leastInterval = Duration.milliseconds(10)

  private let files: IdentityFiles
  private let logger: Logger
  private let state: Mutex<State>

  /// Reads the files, which blocks, and looks at them again at each interval, of 10 milliseconds or more, for as long
  /// as the identity is in use.
  public init(files: IdentityFiles, reloadInterval: Duration = .seconds(2), logger: Logger) throws(LoadingError) {
    self.files = files
    self.logger = logger
    // The versions first: what is replaced in between is read again.
    let versions = files.versions
    self.state = Mutex(State(credentials: try IdentityCredentials(files), versions: versions))
    self.watch(every: TimeAmount(clamping: max(reloadInterval, Self.leastInterval)))
  }

  /// The name in the certificate.
  public var uri: String { self.id.uri }

  /// The name in the certificate, which no reload changes.
  package var id: SPIFFEID { self.credentials.id }

  /// What new connections use.
  var credentials: IdentityCredentials { self.state.withLock { $0.credentials } }

  private func watch(every interval: TimeAmount) {
    let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
    eventLoop.scheduleRepeatedAsyncTask(initialDelay: interval, delay: interval) { [weak self] task in
      guard let self else {
        task.cancel()
        return eventLoop.makeSucceededVoidFuture()
      }
      return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { self.reloadIfChanged() }
    }
  }

  /// Blocks, and is never run twice at a time.
  private func reloadIfChanged() {
    let versions = self.files.versions
    guard versions != self.state.withLock({ $0.versions }) else { return }
    let old = self.credentials
    do throws(LoadingError) {
      let new = try IdentityCredentials(self.files)
      guard new.id == old.id else {
        throw LoadingError(file: .certificate, reason: "names '\(new.id.uri)' instead of '\(old.id.uri)'")
      }
      self.state.withLock { $0 = State(credentials: new, versions: versions) }
      self.logger.info("The identity was read again.", metadata: ["identity": "\(new.id.uri)"])
    } catch {
      let isNews = self.state.withLock { state in
        defer { state.refused = versions }
        return state.refused != versions
      }
      guard isNews else { return }
      self.logger.warning(
        "The identity's files changed and can't be used; connections go on with what was read before.",
        metadata: ["error": "the \(error.file)'s file \(error.reason)"])
    }
  }
}

extension WorkloadIdentity {
  /// A file of an identity that can't be used.
  public struct LoadingError: Error, Hashable, CustomStringConvertible {
    /// Which of ``IdentityFiles``.
    public enum File: String, Sendable, CustomStringConvertible {
      case certificate, key, authorities

      public var description: String { self.rawValue }
    }

    /// The file.
    public var file: File
    /// What is wrong with it, as what follows "the file"; never anything of its contents but names.
    public var reason: String

    public var description: String { "The identity's \(self.file) file \(self.reason)." }
  }
}

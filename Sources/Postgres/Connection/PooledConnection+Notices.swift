import CLibPQ

extension PooledConnection {
  /// Has libpq hand over the server's notices.
  ///
  /// It does so within its functions, which are called by the connection's own methods: it is alive then.
  func receiveNotices(_ raw: OpaquePointer) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    PQsetNoticeReceiver(
      raw,
      { context, notice in
        guard let context, let notice else { return }
        Unmanaged<PooledConnection>.fromOpaque(context).takeUnretainedValue().note(notice)
      }, context)
  }

  /// Keeps the first warning of a commit. All other notices are dropped: they may quote values.
  ///
  /// The server has committed then, but says that it may not last, as when the wait for a standby was cancelled.
  private func note(_ notice: OpaquePointer) {
    guard batches.first?.commits == true, isCommitting, let warning = PostgresError.warning(notice) else { return }
    batches.withFirst { if $0.commitWarning == nil { $0.commitWarning = warning } }
  }

  /// Whether what arrives now belongs to the end of a batch that commits.
  ///
  /// libpq reads notices ahead of the answer that it was asked for, but not past the answer to the next statement.
  private var isCommitting: Bool {
    switch steps.first {
    case .barrier, .sync: true
    // A transaction's COMMIT, which is a batch by itself.
    case .execute: session != nil
    case .control, .prepare, .script, nil: false
    }
  }
}

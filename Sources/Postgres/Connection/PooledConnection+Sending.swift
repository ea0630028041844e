import CLibPQ

extension PooledConnection {
  /// Sends statements as one batch, with `prelude` before them. Returns `false` when the connection is lost.
  func send(_ requests: [Request], prelude: [String] = [], now: MonotonicTime) -> Bool {
    guard let raw = handle?.raw else { return false }
    if !isBusy {
      lastProgress = now
      sentAt = now
    }
    batches.append(Batch(requests, commits: commits(requests)))
    outstanding += requests.count
    var sent = true
    for sql in prelude + preparation(for: requests) {
      sent = sent && control(sql, raw)
    }
    var wasCached: [Bool] = []
    wasCached.reserveCapacity(requests.count)
    for (position, request) in requests.enumerated() {
      guard sent else { break }
      sent = post(request, at: position, raw, &wasCached)
    }
    if commitsImplicitly {
      steps.append(.barrier)
      sent = sent && PQsendQueryParams(raw, "", 0, nil, nil, nil, nil, 1) == 1
    }
    sent = sent && PQpipelineSync(raw) == 1
    steps.append(.sync)
    batches.withLast { $0.wasCached = wasCached }
    return sent && flush(raw)
  }

  /// Whether the end of a batch commits what its statements have done.
  private var commitsImplicitly: Bool {
    switch lane {
    case .write: true
    case .exclusive: session == nil
    case .read, .listen: false
    }
  }

  private func commits(_ requests: [Request]) -> Bool {
    if case .finish(_, let commit) = requests.first?.kind { commit } else { commitsImplicitly }
  }

  /// The statements of ours that go before a batch: through a pooler its settings, otherwise the deallocation of a
  /// full cache; and the batch's own setting.
  private func preparation(for requests: [Request]) -> [String] {
    var own: String?
    if case .alone(let synchronousCommit?) = requests.first?.kind { own = synchronousCommit.local }
    if session?.hasBegun == true || !isBehindPooler && !cache.isFull && own == nil { return [] }
    // Behind another statement it would be refused; without the settings, the silence timeout still bounds it.
    if requests.contains(where: \.refusesTransaction) { return [] }
    var statements: [String] = []
    if isBehindPooler {
      statements.append(settings.local)
    } else if cache.isFull {
      cache.removeAll()
      statements.append("DEALLOCATE ALL")
    }
    return statements + (own.map { [$0] } ?? [])
  }

  /// Sends several statements in the simple protocol, which pipeline mode does not have, with `prelude` before them.
  /// Returns `false` when the connection is lost.
  func sendScript(_ request: Request, prelude: [String], now: MonotonicTime) -> Bool {
    guard let raw = handle?.raw, PQexitPipelineMode(raw) == 1 else { return false }
    lastProgress = now
    batches.append(Batch([request], commits: false))
    outstanding += 1
    let preparation = isBehindPooler && !prelude.isEmpty ? [settings.local] : []
    guard PQsendQuery(raw, (prelude + preparation + [request.sql]).joined(separator: ";")) == 1 else { return false }
    steps.append(.script)
    return flush(raw)
  }

  /// Pushes what libpq has buffered, and watches for room when the socket has none. Returns `false` when the connection
  /// is lost.
  func flush(_ raw: OpaquePointer) -> Bool {
    let rest = PQflush(raw)
    if rest < 0 { return false }
    let mustWatch = rest == 1
    if mustWatch != watchesWritable {
      watchesWritable = mustWatch
      watch(raw, mustWatch ? EPOLLIN.rawValue | EPOLLOUT.rawValue : EPOLLIN.rawValue)
    }
    return true
  }

  private func control(_ sql: String, _ raw: OpaquePointer) -> Bool {
    steps.append(.control)
    return PQsendQueryParams(raw, sql, 0, nil, nil, nil, nil, 1) == 1
  }

  private func post(_ request: Request, at position: Int, _ raw: OpaquePointer, _ wasCached: inout [Bool]) -> Bool {
    if let sql = request.ownSQL {
      wasCached.append(false)
      steps.append(.execute(position))
      return PQsendQueryParams(raw, sql, 0, nil, nil, nil, nil, 1) == 1
    }
    let key = StatementCache.Key(sql: request.sql, types: request.parameters.types)
    if let name = cache.name(for: key) {
      wasCached.append(true)
      return execute(name, request, at: position, raw)
    }
    wasCached.append(false)
    let isNamed = !isBehindPooler && !cache.isFull
    let name = isNamed ? cache.add(key) : ""
    steps.append(.prepare(isNamed ? key : nil, position))
    let prepared = key.types.withUnsafeBufferPointer {
      PQsendPrepare(raw, name, request.sql, Int32($0.count), $0.baseAddress) == 1
    }
    return prepared && execute(name, request, at: position, raw)
  }

  private func execute(_ name: String, _ request: Request, at position: Int, _ raw: OpaquePointer) -> Bool {
    steps.append(.execute(position))
    return request.parameters.withPointers { count, values, lengths, formats in
      PQsendQueryPrepared(raw, name, count, values, lengths, formats, 1) == 1
    }
  }

  /// Forgets the request's prepared statement, which is of no use any more.
  func forget(_ request: Request) {
    cache.remove(StatementCache.Key(sql: request.sql, types: request.parameters.types))
  }
}

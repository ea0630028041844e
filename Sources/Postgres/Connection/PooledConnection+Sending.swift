import CLibPQ

extension PooledConnection {
  /// Sends statements as one batch, with `prelude` before them. Returns `false` when the connection is lost.
  func send(_ requests: [Request], prelude: [String] = [], now: MonotonicTime) -> Bool {
    guard let raw = handle?.raw else { return false }
    if !isBusy {
      lastProgress = now
      sentAt = now
    }
    batches.append(Batch(requests))
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
    sent = sent && PQpipelineSync(raw) == 1
    steps.append(.sync)
    batches.withLast { $0.wasCached = wasCached }
    return sent && flush(raw)
  }

  /// The statements of ours that go before a batch: through a pooler its settings, otherwise the deallocation of a
  /// full cache.
  private func preparation(for requests: [Request]) -> [String] {
    if session?.hasBegun == true || !isBehindPooler && !cache.isFull { return [] }
    // Behind another statement it would be refused; without the settings, the silence timeout still bounds it.
    if requests.contains(where: \.refusesTransaction) { return [] }
    if isBehindPooler { return [settings.local] }
    cache.removeAll()
    return ["DEALLOCATE ALL"]
  }

  /// Sends several statements in the simple protocol, which pipeline mode does not have, with `prelude` before them.
  /// Returns `false` when the connection is lost.
  func sendScript(_ request: Request, prelude: [String], now: MonotonicTime) -> Bool {
    guard let raw = handle?.raw, PQexitPipelineMode(raw) == 1 else { return false }
    lastProgress = now
    batches.append(Batch([request]))
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
    if case .finish(_, let commit) = request.kind {
      wasCached.append(false)
      steps.append(.execute(position))
      return PQsendQueryParams(raw, commit ? "COMMIT" : "ROLLBACK", 0, nil, nil, nil, nil, 1) == 1
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

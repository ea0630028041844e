import CLibPQ

extension Link {
  /// Sends statements as one batch, `prelude` before them; false when the connection is lost.
  func send(_ requests: [Request], prelude: [String] = [], now: MonotonicTime) -> Bool {
    guard let raw = connection?.raw else { return false }
    if !isBusy {
      lastProgress = now
      sentAt = now
    }
    batches.append(Batch(requests))
    outstanding += requests.count
    var sent = true
    if cache.isFull, session?.hasBegun != true {
      cache.removeAll()
      sent = control("DEALLOCATE ALL", raw)
    }
    for sql in prelude {
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

  /// Sends several statements in the simple protocol, which pipeline mode does not have; false when the connection is lost.
  func sendScript(_ request: Request, prelude: String, now: MonotonicTime) -> Bool {
    guard let raw = connection?.raw, PQexitPipelineMode(raw) == 1 else { return false }
    lastProgress = now
    batches.append(Batch([request]))
    outstanding += 1
    guard PQsendQuery(raw, prelude + request.sql) == 1 else { return false }
    steps.append(.script)
    return flush(raw)
  }

  /// Pushes what libpq has buffered; watches for room when the socket has none.
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
    let isNamed = !cache.isFull
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
}

extension Link {
  /// Its prepared statement is of no use any more.
  func forget(_ request: Request) {
    cache.remove(StatementCache.Key(sql: request.sql, types: request.parameters.types))
  }
}

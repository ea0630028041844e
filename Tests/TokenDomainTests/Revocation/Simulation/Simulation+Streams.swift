import TokenDomain

extension Simulation {
  /// A verifier opens a stream, perhaps beside one that it thinks dead.
  func openStream() -> Bool {
    guard let verifier = verifier(where: { $0.machine.sessionID != nil }), let replica = replica(),
      let session = verifier.machine.sessionID, let position = verifier.machine.position
    else { return false }
    let earlier = streams.reduce(0) { $1.session == session && $1.isOpen ? $0 + 1 : $0 }
    guard earlier < (random.chance(percent: 15) ? 2 : 1) else { return false }
    let stream = SimulatedStream(
      number: number(), caller: Caller(verifier: verifier.number, start: verifier.start), session: session,
      replica: replica, opening: position)
    note(
      "verifier \(verifier.number): opens stream \(stream.number) after \(position.text) at replica \(replica.number)")
    streams.removeAll(where: isOver)
    streams.append(stream)
    return true
  }

  /// Whether nothing can come of a stream any more.
  private func isOver(_ stream: SimulatedStream) -> Bool {
    let isRead = stream.isOpen && verifiers[stream.caller.verifier].start == stream.caller.start
    let isServed = replicas[stream.replica].start == stream.replicaStart
    return !isRead && (stream.toReplica.isEmpty || !isServed) || !isServed && stream.toVerifier.isEmpty
  }

  /// A replica reads the log for a stream.
  func serveStream() -> Bool {
    guard let stream = stream(where: { $0.toVerifier.count < 4 && isServed($0) }) else { return false }
    var feed = stream.feed ?? RevocationFeed(after: stream.opening)
    let tables = database.tables(over: database.connect(&random))
    let position = feed.position
    switch feed.read(tables.entries(from: position.revision, limit: 4)) {
    case .send(let entries):
      if entries.isEmpty, stream.feed != nil { return false }
      note("stream \(stream.number) sends \(entries.map(\.position.text)) after \(position.text)")
      stream.toVerifier += entries.map { .entry($0) }
      if position.revision > 0, !entries.isEmpty, stream.feed == nil { happens(.resumed) }
    case .reset:
      note("stream \(stream.number) does not find \(position.text)")
      stream.toVerifier.append(.reset)
    }
    stream.feed = feed
    return true
  }

  /// Whether the replica of a stream runs, and still is the process that the stream leads to.
  func isServed(_ stream: SimulatedStream) -> Bool {
    let replica = replicas[stream.replica]
    return replica.start == stream.replicaStart && !replica.isPaused
  }

  /// A verifier takes what a stream has sent. It takes no more before its cache has applied that.
  func receiveEntry() -> Bool {
    let arrived = stream { stream in
      stream.isOpen && !stream.toVerifier.isEmpty && process(of: stream.caller).map { $0.forgetting == nil } ?? false
    }
    guard let stream = arrived, let verifier = process(of: stream.caller) else { return false }
    switch stream.toVerifier.removeFirst() {
    case .reset:
      note("verifier \(verifier.number): session reset by stream \(stream.number)")
      if verifier.machine.sessionID == stream.session { happens(.reset) }
      verifier.machine.end(stream.session)
      stream.isOpen = false
    case .entry(let entry):
      let change = verifier.machine.receive(entry, for: stream.session)
      note("verifier \(verifier.number): receives \(entry.position.text) \(entry.subject): \(change)")
      switch change {
      case .forget(let subject): verifier.forgetting = SimulatedVerifier.Forgetting(subject: subject)
      case .reopen: stream.isOpen = false
      case .none: break
      }
    }
    return true
  }

  /// A verifier applies an entry of the log to one shard of its cache.
  func forget() -> Bool {
    guard let verifier = verifier(where: { $0.forgetting != nil }), var forgetting = verifier.forgetting else {
      return false
    }
    note("verifier \(verifier.number): shard \(forgetting.nextShard) forgets \(forgetting.subject)")
    verifier.cache.forget(forgetting.subject, shard: forgetting.nextShard)
    forgetting.nextShard += 1
    verifier.forgetting = forgetting.nextShard < SimulatedCache.shardCount ? forgetting : nil
    return true
  }
}

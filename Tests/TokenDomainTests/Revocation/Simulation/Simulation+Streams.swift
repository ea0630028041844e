import TokenDomain

extension Simulation {
  /// A verifier opens a stream, perhaps beside one that it thinks dead.
  func openStream() -> Bool {
    guard let verifier = verifier(where: { $0.machine.sessionID != nil }), let replica = replica(),
      let session = verifier.machine.sessionID, let position = verifier.machine.position
    else { return false }
    let earlier = streams.reduce(0) { $1.session == session && $1.isOpen ? $0 + 1 : $0 }
    guard earlier < (random.chance(percent: 5) ? 2 : 1) else { return false }
    let stream = SimulatedStream(
      number: number(), caller: Caller(verifier: verifier.number, start: verifier.start), session: session,
      replica: replica.number, replicaStart: replica.start, opening: position)
    note(
      "verifier \(verifier.number): opens stream \(stream.number) after \(position.text) at replica \(replica.number)")
    streams.append(stream)
    return true
  }

  /// A replica reads the log for a stream.
  func serveStream() -> Bool {
    guard let index = random.index(in: streams, where: { $0.toVerifier.count < 4 && isServed($0) }) else {
      return false
    }
    var feed = streams[index].feed ?? RevocationFeed(after: streams[index].opening)
    let tables = database.tables(over: database.connect(&random))
    let position = feed.position
    switch feed.read(tables.entries(from: position.revision, limit: 4)) {
    case .send(let entries):
      if entries.isEmpty, streams[index].feed != nil { return false }
      note("stream \(streams[index].number) sends \(entries.map(\.position.text)) after \(position.text)")
      streams[index].toVerifier += entries.map { .entry($0) }
      if position.revision > 0, !entries.isEmpty, streams[index].feed == nil { happens(.resumed) }
    case .reset:
      note("stream \(streams[index].number) does not find \(position.text)")
      streams[index].toVerifier.append(.reset)
    }
    streams[index].feed = feed
    return true
  }

  /// Whether the replica of a stream runs, and still is the process that the stream leads to.
  private func isServed(_ stream: SimulatedStream) -> Bool {
    let replica = replicas[stream.replica]
    return replica.start == stream.replicaStart && !replica.isPaused
  }

  /// A verifier takes what a stream has sent. It takes no more before its cache has applied that.
  func receiveEntry() -> Bool {
    let arrived = random.index(in: streams) { stream in
      stream.isOpen && !stream.toVerifier.isEmpty && process(of: stream.caller).map { $0.forgetting == nil } ?? false
    }
    guard let arrived, let verifier = process(of: streams[arrived].caller) else { return false }
    let stream = streams[arrived]
    switch streams[arrived].toVerifier.removeFirst() {
    case .reset:
      note("verifier \(verifier.number): session reset by stream \(stream.number)")
      if verifier.machine.sessionID == stream.session { happens(.reset) }
      verifier.machine.end(stream.session)
      streams[arrived].isOpen = false
    case .entry(let entry):
      let change = verifier.machine.receive(entry, for: stream.session)
      note("verifier \(verifier.number): receives \(entry.position.text) \(entry.subject): \(change)")
      switch change {
      case .forget(let subject): verifier.forgetting = SimulatedVerifier.Forgetting(subject: subject)
      case .reopen: streams[arrived].isOpen = false
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

import TokenDomain

extension Simulation {
  /// A verifier acknowledges what every shard of its cache has applied, now and then once more: it may have been lost.
  func acknowledge() -> Bool {
    let isRepeated = random.chance(percent: 10)
    let ready = random.index(in: streams) { stream in
      guard stream.isOpen, let verifier = process(of: stream.caller) else { return false }
      return verifier.forgetting == nil && verifier.machine.sessionID == stream.session
        && (isRepeated || verifier.machine.position != stream.acknowledged)
    }
    guard let ready, let verifier = process(of: streams[ready].caller), let position = verifier.machine.position
    else { return false }
    note("verifier \(verifier.number): acknowledges \(position.text)")
    streams[ready].acknowledged = position
    streams[ready].toReplica.append(position)
    return true
  }

  /// A replica takes an acknowledgement from a stream, to write it with others.
  func takeAcknowledgement() -> Bool {
    let arrived = random.index(in: streams) { stream in
      let replica = replicas[stream.replica]
      return stream.feed != nil && !stream.toReplica.isEmpty && replica.start == stream.replicaStart
        && !replica.isPaused
    }
    guard let arrived else { return false }
    let position = streams[arrived].toReplica.removeFirst()
    replicas[streams[arrived].replica].acknowledgements.append((streams[arrived].session, position))
    return true
  }

  /// A replica writes the acknowledgements of all its streams in one statement that waits for no disk.
  func writeAcknowledgements() -> Bool {
    guard let replica = replica(where: { !$0.acknowledgements.isEmpty }) else { return false }
    note("replica \(replica.number): writes acknowledgements of \(replica.acknowledgements.map(\.position.text))")
    database.commitLater(over: database.connect(&random)) { tables in
      for (session, position) in replica.acknowledgements { _ = tables.acknowledge(position, by: session) }
    }
    replica.acknowledgements = []
    return true
  }
}

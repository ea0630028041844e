import TokenDomain

extension Simulation {
  /// A verifier acknowledges what every shard of its cache has applied, now and then once more: it may have been lost.
  func acknowledge() -> Bool {
    let isRepeated = random.chance(percent: 10)
    let ready = stream { stream in
      guard stream.isOpen, let verifier = process(of: stream.caller) else { return false }
      return verifier.forgetting == nil && verifier.machine.sessionID == stream.session
        && (isRepeated || verifier.machine.position != stream.acknowledged)
    }
    guard let stream = ready, let verifier = process(of: stream.caller), let position = verifier.machine.position
    else { return false }
    note("verifier \(verifier.number): acknowledges \(position.text)")
    stream.acknowledged = position
    stream.toReplica.append(position)
    return true
  }

  /// A replica takes an acknowledgement from a stream, to write it with others.
  func takeAcknowledgement() -> Bool {
    guard let stream = stream(where: { $0.feed != nil && !$0.toReplica.isEmpty && isServed($0) }) else { return false }
    replicas[stream.replica].acknowledgements.append((stream.session, stream.toReplica.removeFirst()))
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

"""The rules of revocation, each with an edit that takes it out of the code.

An edit is (file, text, replacement); the text must occur exactly once in the file. Rules of the state machines are edited there,
rules of statements and of wiring in the simulation, which does what the services around the machines do.
"""

REGISTRATION = 'VerifierRegistration.swift'
LOG = 'RevocationLog.swift'
FEED = 'RevocationFeed.swift'
BARRIER = 'RevocationBarrier.swift'
ENTRY = 'Revocation.swift'

RESULT_LOST = '''    verifier.machine.renewed(call.renewal, outcome)
'''
NO_LEASE = '''      } else if random.chance(percent: 50) {
        // It waits for a lease, and asks again.
'''
SEEN = '''        isSeen = tables.contains(wait.barrier.position)
'''

# (name, the rule that is taken out, edits)
MUTATIONS = [
  # --- Those of the model, in its order
  ('retry', 'a change that finds nothing to do waits like the first',
   [('Simulation+Changes.swift', '      let waited = position ?? last\n', '''      guard let waited = position else {
        promises.answer(change)
        continue
      }
''')]),
  ('reglock', 'a registration reads the counter FOR SHARE until it has committed',
   [('DatabaseLocks.swift', 'guard counterOwner == nil, counterShares == 0 else', 'guard counterOwner == nil else')]),
  ('ackfirst', 'an entry is acknowledged once every shard has applied it',
   [('Simulation+Acknowledgements.swift', 'return verifier.forgetting == nil && verifier', 'return verifier')]),
  ('nolease', 'no VALID without a lease',
   [(REGISTRATION, 'session.map { now < $0.leaseEnd } ?? false', 'session != nil')]),
  ('cachefirst', 'the lease is checked before evidence is read',
   [('Calls.swift', '    case leased\n', '    case leased\n    case read(SimulatedCache.Entry)\n'),
    ('Simulation+Verify.swift', '''    case .started:
''', '''    case .read(let entry):
      guard verifier.machine.hasLease(at: verifier.clock.instant(at: time)) else { return false }
      verifier.calls.remove(at: index)
      answer(call, isActive: entry.isActive, at: verifier)
    case .started:
      if let entry = verifier.cache[call.credential] {
        verifier.calls[index].state = .read(entry)
        return true
      }
''')]),
  ('tick', 'each Verify reads the clock itself',
   [('SimulatedVerifier.swift', '  var isPaused = false\n  var machine',
     '  var isPaused = false\n  var tick: ContinuousClock.Instant?\n  var machine'),
    ('SimulatedVerifier.swift', '    calls = []\n', '    calls = []\n    tick = nil\n'),
    ('Simulation+Verify.swift', '.timed(verifier.clock.instant(at: time))', '''.timed(verifier.tick ?? verifier.clock.instant(at: time))
      if random.chance(percent: 10) { verifier.tick = verifier.clock.instant(at: time) }''')]),
  ('fillraw', 'a look-up is judged against the log',
   [(LOG, 'if position.revision > applied.revision { return .ahead }', 'if applied.revision >= 0 { return .current }')]),
  ('filltwo', 'a credential and the end of the log are read in one statement',
   [('Simulation+LookUps.swift', 'readAt: found.position)', 'readAt: database.primary.end)')]),
  ('ringadopt', 'a look-up that was read before the session began does not count',
   [(LOG, 'guard position.revision >= floor, entry(position.revision).position == position else',
     'guard position.revision < floor || entry(position.revision).position == position else'),
    (LOG, 'var revision = position.revision\n', 'var revision = max(floor, position.revision)\n')]),
  ('noclear', 'a registration clears the cache',
   [('SimulatedCache.swift', 'for credential in shards[shard].indices { shards[shard][credential] = nil }', '')]),
  ('resume', 'a stream resumes after the last applied entry, and a gap is not skipped',
   [('Simulation+Streams.swift', 'RevocationFeed(after: stream.opening)',
     'RevocationFeed(after: database.primary.end)'),
    (LOG, 'guard revision == applied.revision + 1 else { return .gap }', '''while revision > applied.revision + 1 {
      _ = append(Revocation(at: LogPosition(revision: applied.revision + 1, tag: 0), of: .nothing))
    }''')]),
  ('nofloor', 'a lease below its floor is not extended',
   [('Simulation+Renewal.swift', 'guard lease.acknowledged >= lease.floor else', 'guard lease.acknowledged >= 0 else')]),
  ('t1early', 'the clock is read after the floor is committed',
   [(BARRIER, 'leasesEnd = now + longestLease', 'leasesEnd = committed + longestLease')]),
  ('leaseresp', 'a lease counts from the question',
   [('Simulation+Renewal.swift', RESULT_LOST, '''    verifier.machine.renewed(
      .init(session: call.renewal.session, asked: verifier.clock.instant(at: time)), outcome)
''')]),
  ('nomargin', 'a twentieth of a lease is left to clocks that run apart',
   [(REGISTRATION, 'usedPart = 0.95', 'usedPart = 1.0')]),
  ('lateresp', 'a lease counts from its own question, not from a later one',
   [('Simulation+Renewal.swift', RESULT_LOST, '''    let asked = renewals.lazy.map(\\.renewal).filter { $0.session == call.renewal.session }.map(\\.asked).max()
    verifier.machine.renewed(
      .init(session: call.renewal.session, asked: max(asked ?? call.renewal.asked, call.renewal.asked)), outcome)
''')]),
  ('sameid', 'a session has a name of its own',
   [('Simulation+Registration.swift', 'let session = VerifierSessionID(using: &random)', '''var zeros = Zeros()
    let session = VerifierSessionID(using: &zeros)'''),
    ('Simulation+Registration.swift', 'extension LogPosition {', '''struct Zeros: RandomNumberGenerator {
  mutating func next() -> UInt64 { 0 }
}

extension LogPosition {'''),
    ('Tables.swift', '    leases.append(lease)\n', '    leases.removeAll { $0.session == lease.session }\n    leases.append(lease)\n')]),
  ('rrsnap', 'leases are counted in a statement that begins after COMMIT',
   [('SimulatedReplica.swift', '    let connection: SimulatedDatabase.Connection\n',
     '    let connection: SimulatedDatabase.Connection\n    let snapshot: Tables\n'),
    ('SimulatedReplica.swift', '    let hadEffect: Bool\n', '    let hadEffect: Bool\n    let snapshot: Tables\n'),
    ('Simulation+Changes.swift', 'Batch(changes: changes, connection: connection)',
     'Batch(changes: changes, connection: connection, snapshot: database.tables(over: connection))'),
    ('Simulation+Changes.swift', 'hadEffect: position != nil, barrier', 'hadEffect: position != nil, snapshot: batch.snapshot, barrier'),
    ('Simulation+Waits.swift', 'let lagging = tables.lagging(behind: wait.barrier.revision)', '''let lagging = tables.leases.count { lease in
        lease.acknowledged < wait.barrier.revision && wait.snapshot.leases.contains { $0.session == lease.session }
      }''')]),
  ('fbjoin', 'a Verify without a lease does not join a look-up',
   [('Simulation+Verify.swift', NO_LEASE, '''      } else if let joined = lookUps.first(where: {
        $0.caller == Caller(verifier: verifier.number, start: verifier.start) && $0.credential == call.credential
      }) {
        verifier.calls[index].state = .waiting(lookUp: joined.number)
''' + NO_LEASE)]),
  ('zrenew', 'a lease is extended by a write that waits for the standby',
   [('Simulation+Renewal.swift', 'if outcome == .committed {', 'if outcome == .committed || !database.isPrimary(connection) {')]),
  ('notag', 'revisions have tags',
   [('Simulation+Changes.swift', 'tag: random.next()', 'tag: 0')]),
  ('blindtag', 'a look-up counts only if the verifier has applied the same tag',
   [(LOG, 'guard position.revision >= floor, entry(position.revision).position == position else',
     'guard position.revision >= floor else')]),
  ('hashonly', 'a look-up is judged by its account too',
   [(ENTRY, 'case .account(let id): id == accountID', 'case .account: false')]),
  ('shortttl', 'leases are waited for until the longest has run out',
   [(BARRIER, 'leasesEnd = now + longestLease', 'leasesEnd = now + longestLease / 2')]),
  ('upsert', 'a lease that was removed is not extended',
   [('Simulation+Renewal.swift', 'let lease = database.tables(over: connection).leases.first { $0.session == renewal.session }\n',
     '''let lease: Tables.Lease? = database.tables(over: connection).leases.first { $0.session == renewal.session }
      ?? Tables.Lease(session: renewal.session, acknowledged: 0, floor: 0, duration: replica.lease)
'''),
    ('Tables.swift', '''    for index in leases.indices where leases[index].session == session {
      leases[index].duration''', '''    if !leases.contains(where: { $0.session == session }) {
      leases.append(Lease(session: session, acknowledged: 0, floor: 0, duration: duration))
    }
    for index in leases.indices where leases[index].session == session {
      leases[index].duration''')]),
  ('floorasync', 'the floor is committed synchronously',
   [('Simulation+Waits.swift', '''      let outcome = database.commit(over: database.connect(&random), &random) { tables in
''' + SEEN, '''      let outcome = SimulatedDatabase.Outcome.committed
      database.commitLater(over: database.connect(&random)) { tables in
''' + SEEN),
    ('Simulation+Waits.swift', '        return longest != nil\n', '')]),
  ('unlogged', 'leases are logged: a crash does not lose them',
   [('SimulatedDatabase.swift', '    primary = disk\n    current', '    primary = disk\n    _ = primary.removeLeases(behind: .max)\n    current')]),
  ('noack', 'a change is answered once all have acknowledged it',
   [(BARRIER, 'if lagging == 0 { passed = true }', 'passed = true')]),
  ('joinany', 'a look-up that must be asked again answers nobody',
   [('Simulation+LookUps.swift', '      lookUps[answered].found = nil\n', '''      lookUps[answered].found = nil
      finish(call, isActive: found.isActive, at: verifier)
''')]),
  ('delrow', 'leases that have run out are removed, or each later change would wait for them',
   [('Simulation+Waits.swift', '        tables.removeLeases(behind: wait.barrier.revision)\n', '        tables.log.isEmpty\n')]),
  ('stalefb', 'a Verify without a lease does not look up by itself',
   [('Simulation+Verify.swift', NO_LEASE, '''      } else if random.chance(percent: 50) {
        let own = LookUpCall(
          number: number(), caller: Caller(verifier: verifier.number, start: verifier.start),
          credential: call.credential, isSlow: false)
        lookUps.append(own)
        verifier.calls[index].state = .waiting(lookUp: own.number)
''' + NO_LEASE)]),
  ('rmuncond', 'only leases that still lag are removed',
   [('SimulatedReplica.swift', '    let hadEffect: Bool\n', '    let hadEffect: Bool\n    var lagged: [VerifierSessionID] = []\n'),
    ('Simulation+Waits.swift', SEEN, SEEN + '''        replica.waits[index].lagged = tables.leases.filter { $0.acknowledged < wait.barrier.revision }.map(\\.session)
'''),
    ('Simulation+Waits.swift', '        tables.removeLeases(behind: wait.barrier.revision)\n',
     '        wait.lagged.reduce(false) { tables.removeLease(of: $1) || $0 }\n')]),

  # --- Others
  ('oldcount', 'leases are counted where the revision is in the log',
   [('Simulation+Waits.swift', 'if tables.contains(wait.barrier.position) { replica', 'do { replica')]),
  ('oldfloor', 'the floor is raised where the revision is in the log',
   [('Simulation+Waits.swift', 'if outcome == .committed, isSeen {', 'if outcome == .committed {')]),
  ('readonly', 'a change that finds nothing to do writes all the same',
   [('Simulation+Changes.swift', '      return true\n    }\n    guard outcome', '''      return revisions.contains { $0.1 != nil }
    }
    guard outcome''')]),
  ('warning', 'an unknown outcome of COMMIT is no success',
   [('Simulation+Changes.swift', 'guard outcome == .committed else', 'guard outcome == .committed || true else')]),
  ('changeasync', 'changes are committed synchronously',
   [('Simulation+Changes.swift', '''    let outcome = database.commit(over: batch.connection, &random) { tables in
''', '''    let outcome = SimulatedDatabase.Outcome.committed
    database.commitLater(over: batch.connection) { tables in
'''),
    ('Simulation+Changes.swift', '      return true\n    }\n    guard outcome', '    }\n    guard outcome')]),
  ('registerasync', 'registrations are committed synchronously',
   [('Simulation+Registration.swift', 'let outcome = database.commit(over: connection, &random) { $0.insert(lease) }',
     'let outcome = SimulatedDatabase.Outcome.committed\n      database.commitLater(over: connection) { _ = $0.insert(lease) }')]),
  ('registertwice', 'a registration is sent once: no transport sends it again',
   [('Simulation+Registration.swift', '      registrations[index].state = .answered(position, lease: replica.lease)\n',
     '''      registrations[index].state = .answered(position, lease: replica.lease)
      if random.chance(percent: 5) {
        registrations.append(RegistrationCall(caller: call.caller, session: call.session, isSlow: true))
      }
'''),
    ('Tables.swift', '    leases.append(lease)\n', '''    if leases.contains(where: { $0.session == lease.session }) { return false }
    leases.append(lease)
''')]),
  ('firstclear', 'the cache is cleared before a registration is asked for',
   [('Simulation+Registration.swift', '''      verifier.cache.clear(shard: shard)
      if shard + 1 < SimulatedCache.shardCount {
        verifier.registration = .clearing''', '''      if shard + 1 < SimulatedCache.shardCount {
        verifier.registration = .clearing''')]),
  ('firstsession', 'a registration ends the session before it',
   [(REGISTRATION, '    session = nil\n    registering = ', '    registering = ')]),
  ('lateregister', 'the answer to an earlier registration is ignored',
   [(REGISTRATION, 'guard let registering, registering.session == id else', 'guard let registering else')]),
  ('othergrant', 'a grant for another session is ignored',
   [(REGISTRATION, 'guard var session, session.id == renewal.session else', 'guard var session else')]),
  ('shortrow', 'the row of a lease says the longest time that was granted',
   [('Tables.swift', 'leases[index].duration = max(leases[index].duration, duration)', '_ = leases[index]')]),
  ('oneshard', 'an entry is applied to every shard',
   [('Simulation+Streams.swift', 'forgetting.nextShard < SimulatedCache.shardCount ? forgetting : nil', 'nil')]),
  ('latefill', 'a look-up is judged and kept in one step',
   [('Calls.swift', '  var found: Tables.Found?\n', '  var found: Tables.Found?\n  var isJudged = false\n'),
    ('Simulation+LookUps.swift', 'let standing = verifier', 'let standing = call.isJudged ? .current : verifier'),
    ('Simulation+LookUps.swift', '''    case .current:
''', '''    case .current where !call.isJudged:
      lookUps[answered].isJudged = true
    case .current:
''')]),
  ('notahead', 'a look-up of a log that is not applied yet waits for it',
   [(LOG, 'if position.revision > applied.revision { return .ahead }',
     'if position.revision > applied.revision { return .current }')]),
  ('blindack', 'an acknowledgement counts only if the log holds its tag',
   [('Tables.swift', 'guard contains(position), let index', 'guard let index')]),
  ('blindstream', 'a stream resumes only if the log holds its tag',
   [(FEED, 'first.position == position else', 'first.position.revision == position.revision else')]),
  ('conflict', 'an entry of another log is not taken for the one that was applied',
   [(LOG, 'return revision < floor || entry(revision).position == revocation.position ? .known : .conflict',
     'return .known')]),
]

# What breaks no guarantee, but makes changes wait.
WITHOUT_PROGRESS = {'delrow'}

# (name, edits after which everything must still hold)
CONTROLS = [
  ('unchanged', []),
  ('a ring of two entries', [(LOG, 'capacity = 4_096', 'capacity = 2')]),
]

# (names, why there is nothing to take out)
INAPPLICABLE = [
  ('otherstream', 'a stream of another session is ignored, but what it brings would be the next entry, a known one or a conflict'),
  ('alock, astep', 'rules of a design that was rejected: leases that end at a time of the database\'s clock'),
  ('expwait, ackold, zread', 'names that the model declares and uses nowhere; look-ups read the old primary here in every run'),
]

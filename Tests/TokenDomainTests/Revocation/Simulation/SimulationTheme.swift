/// What a schedule has much of, what is missing in some of its phases, and what happens in it for sure.
struct SimulationTheme {
  let more: [SimulationAction]
  let less: [SimulationAction]
  /// What happens in this order, with steps between.
  var plot: [SimulationAction] = []
  /// How many of the connections lead to the old primary after a failover, in percent; `nil` where any number will do.
  var oldShare: Int?

  /// From where to draw.
  static let all = [
    SimulationTheme(more: [], less: []),
    // Revisions that get lost, and verifiers that have seen them.
    SimulationTheme(
      more: [.ask, .serveStream, .receiveEntry, .acknowledge],
      less: [.resumeReplication, .register, .cutStream, .startVerify, .jump],
      plot: [.stopReplication, .failOver, .stopOld]),
    // The same, with a session that follows and hears of them late.
    SimulationTheme(
      more: [.serveStream, .register, .serveRegistration, .receiveRegistration, .openStream],
      less: [.resumeReplication, .receiveEntry, .ask, .cutStream, .jump],
      plot: [.stopReplication, .failOver, .endLease, .stopOld]),
    // An old primary that goes on beside the new one.
    SimulationTheme(
      more: [.ask, .stepBatch, .openStream, .serveStream, .serveLookUp, .evict],
      less: [.stopOld, .register, .receiveLookUp, .jump, .cutStream], plot: [.failOver, .endLease], oldShare: 40),
    // Sessions that follow one another.
    SimulationTheme(
      more: [.endLease, .register, .ask],
      less: [.serveRegistration, .receiveRegistration, .receiveRenewal, .receiveLookUp, .serveStream],
      plot: [.endLease, .endLease]),
    // Leases of several sessions.
    SimulationTheme(
      more: [.register, .ask, .stepBatch, .stepWait, .serveRenewal],
      less: [.receiveRenewal, .renew, .serveStream, .receiveEntry], plot: [.renew, .endLease, .jump]),
    // Verifiers that hear of nothing, so that only time helps.
    SimulationTheme(
      more: [.jump, .renew, .stepWait, .ask, .restartDatabase, .failOver],
      less: [.serveStream, .receiveEntry, .acknowledge, .takeAcknowledgement, .writeAcknowledgements]),
    // Look-ups that take longer than changes.
    SimulationTheme(more: [.evict, .startVerify, .serveLookUp, .ask], less: [.receiveLookUp, .forget]),
    // Answers that come late.
    SimulationTheme(
      more: [.jump, .ask, .pause], less: [.receiveRenewal, .receiveRegistration, .receiveLookUp, .receiveEntry]),
  ]
}

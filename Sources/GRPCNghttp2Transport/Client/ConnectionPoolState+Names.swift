package import GRPCCore
package import NIOCore

// How names are resolved.
extension ConnectionPoolState {
  /// A name's addresses are known. Connections to addresses that it no longer has are retired.
  ///
  /// Slots of addresses that stay keep their connections and their delays. Those that haven't failed stay before others
  /// come, so that a name with more addresses than the limit, in another order each time, costs no healthy connection.
  package mutating func resolved(
    target: Int, to addresses: [SocketAddress], now: NIODeadline
  ) -> [Action] {
    guard self.lifecycle != .closed else { return [] }
    let healthy = self.slots.filter { $0.target == target && !$0.isFailing }.map(\.address)
    let candidates = addresses.filter(healthy.contains) + addresses
    var wanted: [SocketAddress] = []
    for address in candidates where wanted.count < self.configuration.maxAddressesPerName {
      if !wanted.contains(address) {
        wanted.append(address)
      }
    }
    guard !wanted.isEmpty else {
      let error = RPCError(
        code: .unavailable, message: "Can't connect to \(self.targets[target].endpoint): the name has no addresses.")
      return self.resolutionFailed(target: target, error, now: now)
    }
    self.targets[target].isResolving = false
    self.targets[target].isStale = false
    self.targets[target].failures = 0
    self.targets[target].failure = nil
    let gone = self.slots.filter { $0.target == target && !wanted.contains($0.address) }
    self.slots.removeAll { slot in gone.contains { $0.id == slot.id } }
    let new = wanted.filter { address in !self.slots.contains { $0.target == target && $0.address == address } }
    for address in new {
      self.addSlot(target: target, address)
    }
    self.targets[target].repeats = gone.isEmpty && new.isEmpty ? self.targets[target].repeats + 1 : 0
    return gone.compactMap(\.connection).map { .retire($0) }
  }

  /// A name can't be resolved: it keeps the addresses that it has.
  package mutating func resolutionFailed(target: Int, _ error: RPCError, now: NIODeadline) -> [Action] {
    self.targets[target].isResolving = false
    return self.holdOff(target, error, now: now)
  }

  /// A resolution takes long: calls that don't wait for ready fail, though an answer that comes later counts.
  package mutating func resolutionIsSlow(target: Int, _ error: RPCError, now: NIODeadline) -> [Action] {
    guard self.targets[target].isResolving else { return [] }
    return self.holdOff(target, error, now: now)
  }

  private mutating func holdOff(_ target: Int, _ error: RPCError, now: NIODeadline) -> [Action] {
    guard self.lifecycle != .closed, !self.slots.contains(where: { $0.target == target }) else { return [] }
    self.targets[target].failures += 1
    let delay = self.configuration.backoff.delay(failures: self.targets[target].failures)
    let until = now + TimeAmount(clamping: delay)
    self.targets[target].failure = (error, until)
    return [.advance(at: until)]
  }

  mutating func addSlot(target: Int, _ address: SocketAddress) {
    self.slots.append(ConnectionSlot(id: self.nextSlotID, target: target, address: address))
    self.nextSlotID += 1
  }
}

import Synchronization

/// Tables that depend on a size alone: made at their first use and shared by all threads from then on.
final class PlanCache<Plan: Sendable>: Sendable {
  private let plans = Mutex<[Int: Plan]>([:])
  private let limit: Int
  private let make: @Sendable (Int) -> Plan

  /// - Parameter limit: how many sizes are remembered; one more drops them all, so that callers of many sizes cannot
  ///   make the memory grow.
  init(limit: Int, make: @escaping @Sendable (Int) -> Plan) {
    self.limit = limit
    self.make = make
  }

  func plan(for size: Int) -> Plan {
    if let plan = plans.withLock({ $0[size] }) { return plan }
    // Made outside the lock: two threads may both do the work, but none waits for another's.
    let plan = make(size)
    plans.withLock { plans in
      if plans.count >= limit { plans.removeAll(keepingCapacity: true) }
      plans[size] = plan
    }
    return plan
  }
}

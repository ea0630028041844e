package import ServiceKit
import Synchronization

/// Bounds the memory of answers that are being drawn, charged and handed on, which takes as long as their readers like.
package final class AnswerBudget: Sendable {
  /// A share of the budget, given back when nothing refers to it any more.
  package final class Share: Sendable {
    private let values: Int
    private let budget: AnswerBudget

    fileprivate init(values: Int, budget: AnswerBudget) {
      self.values = values
      self.budget = budget
    }

    deinit { budget.taken.withLock { $0 -= values } }
  }

  private let limit: Int
  private let taken = Mutex(0)

  /// - Parameter limit: the most values of all answers together, 8 bytes each.
  package init(limit: Int) {
    self.limit = limit
  }

  /// Takes a share for an answer of so many values. An answer that is alone is never refused.
  ///
  /// - Throws: `engineBusy`.
  package func share(for values: Int) throws(ServiceError) -> Share {
    let isTaken = taken.withLock { taken in
      guard taken == 0 || taken + values <= limit else { return false }
      taken += values
      return true
    }
    guard isTaken else { throw ServiceError(.engineBusy, retryAfter: .seconds(1)) }
    return Share(values: values, budget: self)
  }
}

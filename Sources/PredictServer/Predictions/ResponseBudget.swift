package import ServiceKit
import Synchronization
package import TemporisAPI

/// The messages that answer a prediction, with their share of the memory that all responses may take.
package struct PredictionResponse: Sendable {
  /// The header, then the trajectories.
  package let messages: [Temporis_Predict_V1_PredictResponse]
  let share: ResponseBudget.Share
}

/// Bounds the memory of responses that are being drawn, charged and sent, which takes as long as their readers like.
package final class ResponseBudget: Sendable {
  /// A share of the budget, given back when nothing refers to it any more.
  package final class Share: Sendable {
    private let values: Int
    private let budget: ResponseBudget

    fileprivate init(values: Int, budget: ResponseBudget) {
      self.values = values
      self.budget = budget
    }

    deinit { budget.taken.withLock { $0 -= values } }
  }

  private let limit: Int
  private let taken = Mutex(0)

  /// - Parameter limit: The most values of all responses together, 8 bytes each.
  package init(limit: Int) {
    self.limit = limit
  }

  /// Takes a share for a response of `values` values. A response that is alone is never refused.
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

extension Batch {
  /// The consequences of a batch that has ended.
  struct Conclusion {
    var answered: [(Request, Result<PostgresRows, PostgresError>)] = []
    /// Requests to send again, each group as a batch of its own.
    var again: [[Request]] = []
    /// The culprit, when it failed because its prepared statement is stale.
    var stale: Request?
  }

  /// The number of times that a statement is prepared anew before its error is believed.
  private static let staleLimit = 2

  /// Concludes a batch of reads. They have no effects, so the answers stand and the rest is sent again.
  func concludeReads() -> Conclusion {
    var conclusion = Conclusion()
    let culprit = culprit
    conclusion.stale = culprit.flatMap { staleRequest($0) }
    if let commitError, requests.count == 1 {
      conclusion.answered.append((requests[0], .failure(commitError)))
      return conclusion
    }
    var rest: [Request] = []
    for (request, slot) in zip(requests, slots) {
      switch slot {
      case .rows(let result) where commitError == nil:
        conclusion.answered.append((request, .success(PostgresRows(result: result))))
      case .failed(let error) where request !== conclusion.stale:
        conclusion.answered.append((request, .failure(error)))
      case .rows, .failed, .unanswered:
        rest.append(request)
      }
    }
    if commitError != nil {
      conclusion.again = rest.map { [$0] }
    } else if !rest.isEmpty {
      conclusion.again = [rest]
    }
    return conclusion
  }

  /// Concludes a batch of writes, which succeed together or have no effect.
  ///
  /// An error is believed only of a batch's first statement: behind others, their effects may have caused it, and those
  /// are undone. Otherwise the statements before the culprit are sent again as a batch, and the culprit leads the next.
  func concludeWrites() -> Conclusion {
    var conclusion = Conclusion()
    if let culprit {
      conclusion.stale = staleRequest(culprit)
      if conclusion.stale != nil {
        conclusion.again = [requests]
      } else if culprit.index == 0 {
        conclusion.answered.append((requests[0], .failure(culprit.error)))
        if requests.count > 1 { conclusion.again = [Array(requests[1...])] }
      } else {
        conclusion.again = [Array(requests[..<culprit.index]), Array(requests[culprit.index...])]
      }
    } else if let commitError {
      if requests.count == 1 {
        conclusion.answered.append((requests[0], .failure(commitError)))
      } else {
        conclusion.again = requests.map { [$0] }
      }
    } else {
      for (request, slot) in zip(requests, slots) {
        conclusion.answered.append((request, confirmed(slot)))
      }
    }
    return conclusion
  }

  /// A write's outcome after the commit. What COMMIT answers in a failed transaction is no commit.
  private func confirmed(_ slot: Slot) -> Result<PostgresRows, PostgresError> {
    guard case .rows(let result) = slot else { return .failure(.connectionLost) }
    if let commitWarning, result.commandTag != "ROLLBACK" { return .failure(.unconfirmed(commitWarning)) }
    return .success(PostgresRows(result: result))
  }

  private func staleRequest(_ culprit: (index: Int, error: PostgresError)) -> Request? {
    let request = requests[culprit.index]
    guard culprit.error.sqlState?.meansStaleStatement == true, wasCached[culprit.index],
      request.attempts < Self.staleLimit
    else { return nil }
    request.attempts += 1
    return request
  }
}

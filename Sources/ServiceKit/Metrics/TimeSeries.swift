import CoreMetrics
import Synchronization

/// One metric with one set of labels: a counter, a gauge or a histogram of seconds.
final class TimeSeries: CounterHandler, MeterHandler, RecorderHandler, TimerHandler {
  enum Kind: String {
    case counter, gauge, histogram
  }

  /// Upper bounds in seconds, from a cache hit to a slow prediction.
  private static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  private struct Value {
    var total = 0.0
    var count = 0
    var buckets = [Int](repeating: 0, count: TimeSeries.bounds.count)
  }

  let kind: Kind
  private let value = Mutex(Value())

  init(kind: Kind) {
    self.kind = kind
  }

  func increment(by amount: Int64) { increment(by: Double(amount)) }
  func increment(by amount: Double) { value.withLock { $0.total += amount } }
  func decrement(by amount: Double) { increment(by: -amount) }
  func set(_ number: Int64) { set(Double(number)) }
  func set(_ number: Double) { value.withLock { $0.total = number } }
  func reset() { value.withLock { $0 = Value() } }
  func record(_ number: Int64) { record(Double(number)) }
  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

  func record(_ number: Double) {
    guard kind == .histogram else { return set(number) }
    value.withLock { value in
      value.total += number
      value.count += 1
      if let index = Self.bounds.firstIndex(where: { number <= $0 }) { value.buckets[index] += 1 }
    }
  }

  /// Appends the series' lines in the exposition format.
  func write(name: String, labels: String, into text: inout String) {
    let value = value.withLock { $0 }
    let braced = labels.isEmpty ? "" : "{\(labels)}"
    guard kind == .histogram else {
      text += "\(name)\(braced) \(value.total)\n"
      return
    }
    let prefix = labels.isEmpty ? "" : labels + ","
    var cumulative = 0
    for (bound, count) in zip(Self.bounds, value.buckets) {
      cumulative += count
      text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(cumulative)\n"
    }
    text += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(value.count)\n"
    text += "\(name)_sum\(braced) \(value.total)\n\(name)_count\(braced) \(value.count)\n"
  }
}

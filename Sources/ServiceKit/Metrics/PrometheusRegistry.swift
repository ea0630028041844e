package import CoreMetrics
import Synchronization

/// The process's metrics, and their text for Prometheus (exposition format 0.0.4).
///
/// Bounded: past ``limit`` time series a new one is counted nowhere, so that a label that a caller chooses cannot fill
/// the memory.
package final class PrometheusRegistry: MetricsFactory {
  private static let limit = 2_000

  private struct Key: Hashable {
    let name: String
    let labels: String
  }

  private let series = Mutex<[Key: TimeSeries]>([:])

  /// Creates a registry that has counted nothing.
  package init() {}

  /// Everything that was counted, sorted by name.
  package func text() -> String {
    let sorted = series.withLock { Array($0) }.sorted { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }
    var text = ""
    var previous: String?
    for (key, series) in sorted {
      if key.name != previous { text += "# TYPE \(key.name) \(series.kind.rawValue)\n" }
      previous = key.name
      series.write(name: key.name, labels: key.labels, into: &text)
    }
    return text
  }

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    timeSeries(.counter, label, dimensions)
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    timeSeries(.gauge, label, dimensions)
  }

  package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    timeSeries(aggregate ? .histogram : .gauge, label, dimensions)
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    timeSeries(.histogram, label, dimensions)
  }

  // A handler lives as long as the process: its series is what Prometheus reads next.
  package func destroyCounter(_ handler: any CounterHandler) {}
  package func destroyMeter(_ handler: any MeterHandler) {}
  package func destroyRecorder(_ handler: any RecorderHandler) {}
  package func destroyTimer(_ handler: any TimerHandler) {}

  private func timeSeries(_ kind: TimeSeries.Kind, _ label: String, _ dimensions: [(String, String)]) -> TimeSeries {
    let key = Key(
      name: label.metricName, labels: dimensions.map { "\($0.metricName)=\"\($1.labelValue)\"" }.joined(separator: ","))
    return series.withLock { series in
      if let known = series[key], known.kind == kind { return known }
      let new = TimeSeries(kind: kind)
      if series.count < Self.limit { series[key] = new }
      return new
    }
  }
}

extension String {
  fileprivate var metricName: String {
    String(map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
  }

  fileprivate var labelValue: String {
    replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}

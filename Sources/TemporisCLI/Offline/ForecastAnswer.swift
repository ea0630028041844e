import Forecasting
import Foundation

/// The answer to a line of `temporis forecast --jsonl`: a line of JSON with the line's id, and samples or an error.
package struct ForecastAnswer: Sendable, Hashable {
  /// One line, without its end.
  package let text: String
  /// Whether it says why there are no samples.
  package let isRefusal: Bool

  /// Answers a line. `nil`: it is empty.
  ///
  /// - Parameters:
  ///   - number: The line's, from 1, for messages.
  ///   - defaults: What the line leaves out.
  package init?(to line: LineSplitter.Line, number: Int, defaults: OfflineForecaster.Sampling) {
    guard case .bytes(let bytes) = line else {
      self.init(refusing: nil, "line \(number): the line is longer than \(Count.grouped(LineSplitter.longest)) bytes")
      return
    }
    guard bytes.contains(where: { !" \t\r".utf8.contains($0) }) else { return nil }
    let data = Data(bytes)
    do {
      let line = try JSONDecoder().decode(ForecastLine.self, from: data)
      do {
        let forecast = try line.forecast(defaults)
        self.init(line.id, forecast)
      } catch {
        self.init(refusing: line.id, "line \(number): \((error as? ForecastError)?.message ?? "\(error)")")
      }
    } catch {
      let id = (try? JSONDecoder().decode(ForecastLine.Identity.self, from: data))?.id
      self.init(refusing: id, "line \(number): \(Self.reason(error))")
    }
  }

  private init(_ id: ForecastLine.ID?, _ forecast: Forecast) {
    let steps = forecast.timestamps.count
    let width = (forecast.trajectories.first?.values.count ?? 0) / max(steps, 1)
    var text = "{\"id\":\(Self.json(id)),\"samples\":["
    for (number, trajectory) in forecast.trajectories.enumerated() {
      text += number == 0 ? "[" : ",["
      for step in 0..<steps {
        text += step == 0 ? "[" : ",["
        for channel in 0..<width {
          if channel > 0 { text += "," }
          // The shortest decimal that reads back as the same double.
          text += trajectory.values[step * width + channel].description
        }
        text += "]"
      }
      text += "]"
    }
    text += "],\"loss\":[" + forecast.trajectories.map(\.loss.description).joined(separator: ",") + "]}"
    self.text = text
    isRefusal = false
  }

  private init(refusing id: ForecastLine.ID?, _ error: String) {
    text = "{\"id\":\(Self.json(id)),\"error\":\(Self.json(error))}"
    isRefusal = true
  }

  private static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
  }

  /// What the decoder found, as the rest of a sentence.
  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "it cannot be read" }
    func place(_ context: DecodingError.Context, _ rest: String) -> String {
      let path = context.codingPath.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }.joined()
      return path.isEmpty ? "it is not a JSON object" : "\(path.drop { $0 == "." }.prefix(100)) \(rest)"
    }
    if case .keyNotFound(let key, _) = error { return "\(key.stringValue) is missing" }
    if case .typeMismatch(_, let context) = error { return place(context, "is of another type") }
    if case .valueNotFound(_, let context) = error { return place(context, "is null") }
    // The decoder does not say where a number is that no double or integer holds.
    return "it is not JSON, or holds a number out of range"
  }
}

import NIOCore
import TemporisAPI

/// Writes a prediction's response as its parts come: in a row the timestamp first, then the series in the profile's
/// order.
struct PredictionEncoder {
  /// The service's parts contradict each other: a fault of ours.
  struct Inconsistency: Error {
    let description: String
  }

  private var writer = JSONWriter()
  private let count: Int
  private var written = 0
  /// The beginning of each row: `{"timestamp":1700000000`.
  private let rowPrefixes: [[UInt8]]
  /// The text before each value of a row: `,"orders":`.
  private let memberPrefixes: [[UInt8]]

  /// Begins a response of `count` trajectories.
  init(_ header: Temporis_Predict_V1_PredictionHeader, count: Int) {
    self.count = count
    rowPrefixes = header.timestamps.map { Array("{\"timestamp\":\($0)".utf8) }
    memberPrefixes = header.names.map { [UInt8(ascii: ",")] + JSONWriter.bytes(of: $0) + [UInt8(ascii: ":")] }
    writer.raw("{\"request_id\":")
    writer.string(header.requestID)
    writer.raw(",\"data_profile\":")
    writer.string(header.dataProfile)
    writer.raw(",\"predict_from\":")
    writer.integer(header.predictFrom)
    writer.raw(",\"predictions\":[")
  }

  /// Writes a trajectory.
  /// - Throws: ``Inconsistency`` when it has not one finite value for each step and series, or is one too many.
  mutating func write(_ trajectory: Temporis_Predict_V1_Trajectory) throws(Inconsistency) {
    let values = trajectory.values
    guard written < count else { throw Inconsistency(description: "more trajectories than asked for") }
    guard values.count == rowPrefixes.count * memberPrefixes.count else {
      throw Inconsistency(description: "\(values.count) values in a trajectory")
    }
    guard trajectory.loss.isFinite, values.allSatisfy(\.isFinite) else {
      throw Inconsistency(description: "a number that is not finite")
    }
    writer.raw(written == 0 ? "{\"loss\":" : ",{\"loss\":")
    writer.number(trajectory.loss)
    writer.raw(",\"data\":[")
    var next = values.startIndex
    for (step, rowPrefix) in rowPrefixes.enumerated() {
      if step > 0 { writer.raw(",") }
      writer.raw(rowPrefix)
      for memberPrefix in memberPrefixes {
        writer.raw(memberPrefix)
        writer.number(values[next])
        next += 1
      }
      writer.raw("}")
    }
    writer.raw("]}")
    written += 1
  }

  /// Ends the response.
  /// - Throws: ``Inconsistency`` when trajectories are missing.
  mutating func finish() throws(Inconsistency) {
    guard written == count else { throw Inconsistency(description: "\(written) of \(count) trajectories") }
    writer.raw("]}")
  }

  /// The number of bytes that wait to be taken.
  var pendingBytes: Int {
    writer.buffer.readableBytes
  }

  /// Takes what was written since the last time.
  mutating func take() -> ByteBuffer {
    defer { writer.buffer = ByteBuffer() }
    return writer.buffer
  }
}

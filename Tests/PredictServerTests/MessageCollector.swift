import GRPCCore
import Synchronization
import TemporisAPI

/// What was written to the wire.
final class MessageCollector: RPCWriterProtocol {
  private let written = Mutex<[Temporis_Predict_V1_PredictResponse]>([])

  var messages: [Temporis_Predict_V1_PredictResponse] { written.withLock { $0 } }

  func write(_ element: Temporis_Predict_V1_PredictResponse) async throws {
    written.withLock { $0.append(element) }
  }

  func write(contentsOf elements: some Sequence<Temporis_Predict_V1_PredictResponse>) async throws {
    let elements = Array(elements)
    written.withLock { $0 += elements }
  }
}

/// A statement's parameters as libpq takes them: one buffer, a length each, a type each.
struct EncodedParameters: Sendable {
  /// The values one after another; never empty, so that an empty value still has an address.
  private(set) var bytes: [UInt8]
  /// -1 for NULL.
  private(set) var lengths: [Int32]
  private(set) var types: [UInt32]

  static let none = EncodedParameters()

  /// The protocol counts parameters in 16 bits.
  static let maximumCount = 65_535
  /// Below the server's 1 GB limit on a message, and what one caller may hold of our memory.
  static let maximumBytes = 512 << 20

  private init() {
    bytes = [0]
    lengths = []
    types = []
  }

  init(_ values: [PostgresValue]) throws(PostgresError) {
    if values.isEmpty {
      self = .none
      return
    }
    if values.count > Self.maximumCount {
      throw PostgresError(.invalidParameter, "\(values.count) parameters: at most \(Self.maximumCount), use arrays")
    }
    bytes = []
    bytes.reserveCapacity(values.count * 16)
    lengths = []
    lengths.reserveCapacity(values.count)
    types = []
    types.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      let start = bytes.count
      do {
        try value.encode(into: &bytes)
      } catch {
        throw PostgresError(.invalidParameter, "parameter $\(index + 1): \(error.message)")
      }
      if bytes.count > Self.maximumBytes {
        throw PostgresError(
          .invalidParameter, "the parameters are larger than \(Self.maximumBytes >> 20) MiB: split them")
      }
      lengths.append(value.isNull ? -1 : Int32(truncatingIfNeeded: bytes.count - start))
      types.append(value.type.rawValue)
    }
    bytes.append(0)
  }
}

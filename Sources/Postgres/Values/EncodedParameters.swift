/// A statement's parameters as libpq takes them: one buffer, and a length and a type for each.
struct EncodedParameters: Sendable {
  /// The values one after another. Never empty, so that an empty value still has an address.
  private(set) var bytes: [UInt8]
  /// The length of each value in bytes; -1 for NULL.
  private(set) var lengths: [Int32]
  private(set) var types: [UInt32]

  static let none = EncodedParameters()

  /// The protocol counts parameters in 16 bits.
  static let maximumCount = 65_535
  /// Below the server's limit of 1 GB for a message; it bounds the memory that one caller may use.
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

extension EncodedParameters {
  /// Lends the arguments of PQsendQueryPrepared: values, lengths and formats (all binary). libpq copies them.
  func withPointers<R>(
    _ body: (
      _ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
      _ formats: UnsafePointer<Int32>?
    ) -> R
  ) -> R {
    let count = lengths.count
    if count == 0 { return body(0, nil, nil, nil) }
    return bytes.withUnsafeBufferPointer { bytes in
      withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { formats in
          formats.initialize(repeating: 1)
          var next = UnsafeRawPointer(bytes.baseAddress)
          for (index, length) in lengths.enumerated() {
            let value = length < 0 ? nil : next?.assumingMemoryBound(to: CChar.self)
            values.initializeElement(at: index, to: value)
            next = next?.advanced(by: Int(max(0, length)))
          }
          return lengths.withUnsafeBufferPointer { lengths in
            body(Int32(count), values.baseAddress, lengths.baseAddress, formats.baseAddress)
          }
        }
      }
    }
  }
}

extension EncodedParameters {
  /// What PQsendQueryPrepared takes: values, lengths and formats (all binary), valid inside `body`: libpq copies them.
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

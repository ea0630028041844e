import CNghttp2

/// Lends `fields` as nghttp2's name/value pairs for the call; nghttp2 copies what it keeps.
func withNameValues<Result>(
  _ fields: [HTTP2Field], _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
) -> Result {
  let byteCount = fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
  return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(byteCount, 1)) { bytes in
    withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(fields.count, 1)) { pairs in
      var end = 0
      func place(_ string: String) -> (UnsafeMutablePointer<UInt8>?, Int) {
        let start = bytes.baseAddress.map { $0 + end }
        let count = UnsafeMutableBufferPointer(rebasing: bytes[end...]).update(fromContentsOf: string)
        end += count
        return (start, count)
      }
      for (index, field) in fields.enumerated() {
        let (name, nameCount) = place(field.name)
        let (value, valueCount) = place(field.value)
        pairs.initializeElement(
          at: index,
          to: nghttp2_nv(name: name, value: value, namelen: nameCount, valuelen: valueCount, flags: 0))
      }
      return body(UnsafePointer(pairs.baseAddress), fields.count)
    }
  }
}

extension UnsafeMutableBufferPointer<UInt8> {
  /// Copies the UTF-8 of `string` to the start and returns its length.
  fileprivate func update(fromContentsOf string: String) -> Int {
    var index = 0
    for byte in string.utf8 {
      self[index] = byte
      index += 1
    }
    return index
  }
}

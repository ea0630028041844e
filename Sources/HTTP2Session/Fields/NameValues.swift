import CNghttp2

/// Lends a section as nghttp2's name/value pairs for the call; nghttp2 copies what it keeps, but for prepared fields.
func withNameValues<Result>(
  _ section: HTTP2Section, _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
) -> Result {
  guard let prepared = section.prepared?.pairs else { return withNameValues(section.fields, after: [], body) }
  guard !section.fields.isEmpty else { return body(prepared.baseAddress, prepared.count) }
  return withNameValues(section.fields, after: prepared, body)
}

/// Lends `fields` as nghttp2's name/value pairs for the call.
func withNameValues<Result>(
  _ fields: [HTTP2Field], _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
) -> Result {
  withNameValues(fields, after: [], body)
}

private func withNameValues<Result>(
  _ fields: [HTTP2Field], after prepared: some Collection<nghttp2_nv>,
  _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
) -> Result {
  let byteCount = fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
  let count = prepared.count + fields.count
  return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(byteCount, 1)) { bytes in
    withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(count, 1)) { pairs in
      var end = 0
      func place(_ string: String) -> (UnsafeMutablePointer<UInt8>?, Int) {
        let start = bytes.baseAddress.map { $0 + end }
        let count = UnsafeMutableBufferPointer(rebasing: bytes[end...]).update(fromContentsOf: string)
        end += count
        return (start, count)
      }
      var next = pairs.initialize(fromContentsOf: prepared)
      for field in fields {
        let (name, nameCount) = place(field.name)
        let (value, valueCount) = place(field.value)
        pairs.initializeElement(
          at: next, to: nghttp2_nv(name: name, value: value, namelen: nameCount, valuelen: valueCount, flags: 0))
        next += 1
      }
      return body(UnsafePointer(pairs.baseAddress), count)
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

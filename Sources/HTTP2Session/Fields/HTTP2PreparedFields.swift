import CNghttp2

/// Fields that are sent often, laid out once as nghttp2 wants them, so that sending them copies nothing.
///
/// Sessions refer to their memory until their end; it is therefore never freed. Make them once, as a `static let`.
///
/// `@unchecked Sendable`: nothing writes to the memory after ``init(_:)``.
package struct HTTP2PreparedFields: @unchecked Sendable {
  let pairs: UnsafeBufferPointer<nghttp2_nv>

  /// Lays out `fields`, whose names must be in lower case.
  package init(_ fields: [HTTP2Field]) {
    let pairs = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: fields.count)
    for (index, field) in fields.enumerated() {
      let name = UnsafeMutableBufferPointer.copy(of: field.name)
      let value = UnsafeMutableBufferPointer.copy(of: field.value)
      pairs.initializeElement(
        at: index,
        to: nghttp2_nv(
          name: name.baseAddress, value: value.baseAddress, namelen: name.count, valuelen: value.count,
          flags: UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)))
    }
    self.pairs = UnsafeBufferPointer(pairs)
  }
}

extension UnsafeMutableBufferPointer<UInt8> {
  fileprivate static func copy(of string: String) -> Self {
    let copy = Self.allocate(capacity: string.utf8.count)
    _ = copy.initialize(fromContentsOf: string.utf8)
    return copy
  }
}

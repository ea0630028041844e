import FuzzSupport
import GRPCCore

@testable import GRPCNghttp2Transport
@testable import HTTP2Session

/// A request's fields are a call or a rejection, and a call's metadata can be sent on.
func checkRequestHead(_ input: inout FuzzInput) {
  let chosen = input.byte()
  var fields: [HTTP2Field] = []
  // Most requests are right in most respects; the input says otherwise with further fields of the same names.
  if chosen & 1 == 0 { fields.append(HTTP2Field(":method", "POST")) }
  if chosen & 2 == 0 { fields.append(HTTP2Field(":path", "/package.Service/\(chosen & 8 == 0 ? "Fast" : "Slow")")) }
  if chosen & 4 == 0 { fields.append(HTTP2Field("content-type", "application/grpc")) }
  fields += receivedFields(&input)
  do throws(RequestHead.Rejection) {
    let head = try RequestHead(
      HTTP2Fields(fields), methods: methods, maxHeaderListBytes: chosen & 16 == 0 ? 16_384 : 256,
      acceptsCompressed: chosen & 32 == 0)
    switch head.target {
    case .fastPath: expect(fields.contains { $0.value == "/package.Service/Fast" }, "a fast path from \(fields)")
    case .method(let descriptor): expect(!descriptor.method.isEmpty, "no method from \(fields)")
    }
    _ = head.acceptsGzip
    expect((head.timeout ?? .zero) >= .zero, "\(fields) gave \(String(describing: head.timeout))")
    checkMetadata(head.metadata)
  } catch {
    expect(error.fields.first?.name == ":status", "a rejection without a status: \(error)")
    expect(error.fields.allSatisfy { isValidHTTP2Field(name: $0.name, value: $0.value) }, "\(error) can't be sent")
  }
}

private let methods = MethodTable(
  methods: [],
  fastPaths: [
    FastPath(method: MethodDescriptor(fullyQualifiedService: "package.Service", method: "Fast")) { _, _ in .fallThrough
    }
  ])

extension HTTP2Fields {
  /// The fields as a session hands them out.
  fileprivate init(_ fields: [HTTP2Field]) {
    let storage = FieldStorage()
    for field in fields {
      Array(field.name.utf8).withUnsafeBufferPointer { name in
        Array(field.value.utf8).withUnsafeBufferPointer { storage.append(name: name, value: $0) }
      }
    }
    self.init(storage, entries: 0..<fields.count)
  }
}

/// A status survives being sent, and any fields may be read as one.
func checkTrailers(_ input: inout FuzzInput) {
  _ = Status(trailers: receivedFields(&input))
  let code = Status.Code(rawValue: input.number(below: 17)) ?? .unknown
  let status = Status(code: code, message: String(decoding: input.remainder(), as: UTF8.self))
  let fields = status.trailers()
  expect(fields.allSatisfy { isValidHTTP2Field(name: $0.name, value: $0.value) }, "\(fields) can't be sent")
  expect(Status(trailers: fields) == status, "\(status) became \(fields)")
}

/// Metadata that was received can be sent and received again.
private func checkMetadata(_ metadata: Metadata) {
  var fields: [HTTP2Field] = []
  do throws(RPCError) {
    try metadata.append(to: &fields)
  } catch {
    fatalError("Received metadata can't be sent: \(error)")
  }
  expect(Metadata(fields) == metadata, "\(metadata) became \(Metadata(fields))")
}

/// Fields as the session hands them out: valid for HTTP/2.
private func receivedFields(_ input: inout FuzzInput) -> [HTTP2Field] {
  let names = [
    ":method", ":path", "content-type", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding",
    "grpc-status", "grpc-message", "x-a-bin",
  ]
  return (0..<input.number(below: 6)).compactMap { _ in
    let choice = input.number(below: 16)
    let name =
      names.indices.contains(choice)
      ? names[choice]
      : String(decoding: input.bytes(input.number(below: 24)), as: UTF8.self).lowercased()
    let value = String(decoding: input.bytes(input.number(below: 128)), as: UTF8.self)
    return isValidHTTP2Field(name: name, value: value) ? HTTP2Field(name, value) : nil
  }
}

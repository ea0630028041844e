import FuzzSupport

@testable import GRPCNghttp2Transport

/// `grpc-timeout` is one to eight digits and a unit, and never in the past.
func checkTimeout(_ input: inout FuzzInput) {
  let text = String(decoding: input.remainder(), as: UTF8.self)
  let isValid = text.wholeMatch(of: /[0-9]{1,8}[HMSmun]/) != nil
  let timeout = CallTimeout(parsing: text)
  expect((timeout != nil) == isValid, "'\(text)' gave \(String(describing: timeout))")
  expect((timeout?.duration ?? .zero) >= .zero, "'\(text)' gave \(String(describing: timeout))")
}

/// Every message survives, as printable ASCII, and decoding takes any text.
func checkPercentEncoding(_ input: inout FuzzInput) {
  let text = String(decoding: input.remainder(), as: UTF8.self)
  let encoded = PercentEncoding.encode(text)
  expect(encoded.utf8.allSatisfy { (0x20...0x7e).contains($0) }, "'\(text)' became '\(encoded)'")
  expect(PercentEncoding.decode(encoded).utf8.elementsEqual(text.utf8), "'\(text)' became '\(encoded)'")
  let decoded = PercentEncoding.decode(text)
  // A byte that isn't UTF-8 becomes a character of three.
  expect(decoded.utf8.count <= max(text.utf8.count, 1) * 3, "'\(text)' decoded to '\(decoded)'")
}

/// Every value survives; what decodes is the encoding of what it decodes to, up to padding and unused bits.
func checkBase64(_ input: inout FuzzInput) {
  let bytes = input.remainder()
  let encoded = MetadataBase64.encode(bytes)
  expect(MetadataBase64.decode(encoded) == bytes, "\(bytes) became '\(encoded)'")
  let text = String(decoding: bytes, as: UTF8.self)
  guard let decoded = MetadataBase64.decode(text) else { return }
  let digits = Array(text.utf8.prefix { $0 != UInt8(ascii: "=") })
  let again = Array(MetadataBase64.encode(decoded).utf8)
  expect(digits.count == again.count && digits.dropLast() == again.dropLast(), "'\(text)' decoded to \(decoded)")
}

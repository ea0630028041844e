import GRPCCore
import GRPCNghttp2Transport
import HTTPTypes

/// A coding of request bodies that is decoded (RFC 9110, section 8.4.1).
enum ContentCoding: String {
  case gzip, deflate

  /// The most that deflate makes of a byte.
  private static let mostExpansion = 1_032

  /// Reads `Content-Encoding`; nil when the body is not coded.
  /// - Throws: A 415 for any other coding, and for several.
  static func read(_ headers: HTTPFields) throws(APIError) -> ContentCoding? {
    let name = (headers[.contentEncoding] ?? "").lowercased()
    switch name.filter({ $0 != " " && $0 != "\t" }) {
    case "", "identity": return nil
    case "gzip", "x-gzip": return .gzip
    case "deflate": return .deflate
    default: throw .unsupportedContentCoding
    }
  }

  /// The memory that a body of `length` bytes takes, coded and decoded, in bytes.
  func memory(of length: Int, limit: Int) -> Int {
    length + min(limit, length * Self.mostExpansion)
  }

  /// Decodes a body.
  /// - Throws: A 413 once it is longer than `limit` bytes; a 400 when it is not of this coding.
  func decode(_ bytes: [UInt8], limit: Int) throws(APIError) -> [UInt8] {
    do throws(RPCError) {
      return try Gzip.decompress(bytes, format: self == .gzip ? .members : .deflate, limit: limit)
    } catch {
      guard error.code != .resourceExhausted else { throw .bodyTooLarge }
      throw APIError(.badRequest, "Request body must be \(rawValue), as Content-Encoding says", cause: error)
    }
  }
}

extension APIError {
  fileprivate static let unsupportedContentCoding = APIError(
    .unsupportedMediaType, "Unsupported content coding.", headers: [.acceptEncoding: "gzip, deflate"])
}

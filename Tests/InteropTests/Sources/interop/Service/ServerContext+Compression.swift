import GRPCCore
import GRPCNghttp2Transport

extension ServerContext {
  /// Throws INVALID_ARGUMENT unless the request message that was read last came compressed.
  ///
  /// grpc-swift's own transport doesn't tell; there the encoding that the request's headers announce has to do.
  func requireCompressedRequest(_ metadata: Metadata) throws(RPCError) {
    let isCompressed =
      self.responseCompression?.wasLastRequestCompressed
      ?? metadata[stringValues: "grpc-encoding"].contains { $0 != "identity" }
    guard isCompressed else {
      throw RPCError(code: .invalidArgument, message: "The request is not compressed, but says that it is.")
    }
  }

  /// Says whether the responses from here on are compressed, on a transport that lets a handler choose.
  func compressResponses(_ isEnabled: Bool) {
    self.responseCompression?.isEnabled = isEnabled
  }
}

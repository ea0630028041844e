import FoundationEssentials
import InteropAPI

extension Grpc_Testing_Payload {
  /// A payload of zeros.
  static func zeros(_ count: Int) -> Self {
    var payload = Self()
    payload.body = Data(count: count)
    return payload
  }
}

extension Grpc_Testing_BoolValue {
  init(_ value: Bool) {
    self.init()
    self.value = value
  }
}

extension Grpc_Testing_SimpleRequest {
  /// The request that most of the unary cases send.
  static var large: Self {
    var request = Self()
    request.responseSize = 314_159
    request.payload = .zeros(271_828)
    return request
  }
}

extension Grpc_Testing_StreamingInputCallRequest {
  init(payload size: Int, expectCompressed: Bool? = nil) {
    self.init()
    self.payload = .zeros(size)
    if let expectCompressed {
      self.expectCompressed = Grpc_Testing_BoolValue(expectCompressed)
    }
  }
}

extension Grpc_Testing_StreamingOutputCallRequest {
  /// Asks for responses of some sizes.
  init(responses sizes: [Int], payload size: Int? = nil) {
    self.init()
    self.responseParameters = sizes.map {
      var parameters = Grpc_Testing_ResponseParameters()
      parameters.size = Int32($0)
      return parameters
    }
    if let size {
      self.payload = .zeros(size)
    }
  }
}

extension Grpc_Testing_EchoStatus {
  init(code: Int32, message: String) {
    self.init()
    self.code = code
    self.message = message
  }
}

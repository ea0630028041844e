import Foundation

extension JSONDecoder {
  /// A decoder of the contract's field names.
  static var snakeCase: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }
}

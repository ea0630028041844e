import HTTP2Session

/// Something that a session said, whatever chunks its bytes came in.
enum Occurrence: Hashable {
  /// Anything but data.
  case event(HTTP2Event)
  /// All the payload of a stream between two other occurrences.
  case data(Int32, [UInt8])
  case failed
}

extension Occurrence {
  /// A number for what the fuzzer should tell apart.
  var kind: UInt32 {
    switch self {
    case .failed: 1
    case .data: 2
    case .event(.headers(_, _, let endStream)): endStream ? 3 : 4
    case .event(.headerListTooLarge(_, let endStream)): endStream ? 5 : 6
    case .event(.data): 7
    case .event(.endStream): 8
    case .event(.endStreamSent): 9
    case .event(.dataTaken): 10
    case .event(.headersNotSent): 11
    case .event(.settings): 12
    case .event(.pingAcknowledged): 13
    case .event(.streamClosed(_, let code)): 0x100 | min(code.rawValue, 0xf)
    case .event(.goAway(_, let code, _)): 0x200 | min(code.rawValue, 0xf)
    }
  }
}

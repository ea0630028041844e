import FuzzSupport
import GRPCCore

@testable import GRPCNghttp2Transport

private struct Rules {
  var limit: Int
  var acceptsCompressed: Bool
}

/// What a deframer made of some bytes.
private struct Outcome: Equatable {
  var messages: [MessageDeframer.Message] = []
  var code: RPCError.Code?
  var isAtBoundary = false
}

/// Any bytes, in any pieces, must give what a plain reading of the protocol gives.
func checkDeframer(_ input: inout FuzzInput) {
  let options = input.byte()
  let limit = options & 1 == 0 ? input.number(below: 256) : input.short()
  let rules = Rules(limit: limit, acceptsCompressed: options & 2 == 0)
  var sizes = ChunkSizes(seed: input.byte())
  let bytes = input.remainder()
  let expected = reference(bytes, rules)
  let whole = deframe([bytes], rules)
  expect(whole == expected, "\(whole), not \(expected)")
  let cut = deframe(sizes.chunks(of: bytes), rules)
  expect(cut == expected, "in pieces \(cut), not \(expected)")
  checkFraming(expected.messages, bytes)
}

/// Messages that are framed again must be the bytes that they came from.
private func checkFraming(_ messages: [MessageDeframer.Message], _ bytes: [UInt8]) {
  var framed: [UInt8] = []
  do throws(RPCError) {
    for message in messages {
      framed += try MessageFraming.frame(message.bytes, limit: message.bytes.count)
      framed[framed.count - message.bytes.count - MessageFraming.prefixLength] = message.isCompressed ? 1 : 0
    }
  } catch {
    fatalError("A message within the limit is refused: \(error)")
  }
  expect(bytes.starts(with: framed), "\(framed) isn't the start of \(bytes)")
}

private func deframe(_ chunks: [[UInt8]], _ rules: Rules) -> Outcome {
  var deframer = MessageDeframer(limit: rules.limit, acceptsCompressed: rules.acceptsCompressed)
  var outcome = Outcome()
  for chunk in chunks where outcome.code == nil {
    chunk.withUnsafeBytes { bytes in
      do throws(RPCError) {
        try deframer.append(bytes, to: &outcome.messages)
      } catch {
        outcome.code = error.code
      }
    }
  }
  outcome.isAtBoundary = outcome.code == nil && deframer.isAtBoundary
  return outcome
}

/// Section "Length-Prefixed-Message" of PROTOCOL-HTTP2.md, with all bytes at hand.
private func reference(_ bytes: [UInt8], _ rules: Rules) -> Outcome {
  var outcome = Outcome()
  var rest = bytes[...]
  while rest.count >= 5 {
    let prefix = Array(rest.prefix(5))
    let length = prefix[1...].reduce(0) { $0 << 8 | Int($1) }
    guard prefix[0] == 0 || prefix[0] == 1 && rules.acceptsCompressed else {
      outcome.code = .internalError
      return outcome
    }
    guard length <= rules.limit + (prefix[0] == 0 ? 0 : rules.limit / 1024 + 64) else {
      outcome.code = .resourceExhausted
      return outcome
    }
    guard rest.count >= 5 + length else { return outcome }
    outcome.messages.append(
      MessageDeframer.Message(bytes: Array(rest.dropFirst(5).prefix(length)), isCompressed: prefix[0] == 1))
    rest = rest.dropFirst(5 + length)
  }
  outcome.isAtBoundary = rest.isEmpty
  return outcome
}

/// Notices a peer that keeps the session busy with frames that move no call on.
///
/// Each such frame is a debt, which calls and payload pay off, so that it needs no clock: PING, SETTINGS, PRIORITY and
/// RST_STREAM frames, empty DATA, WINDOW_UPDATEs, windows so small that payload leaves in crumbs (CVE-2019-9511 to
/// 9518), and calls so malformed that this side resets them (CVE-2025-8671). A burst pays one: a frame now and then is
/// no flood, over however many days.
///
/// Calls that are reset at once pay more than their reset costs (CVE-2023-44487), so resets have a bucket besides.
struct FloodGuard {
  /// The PING frames received that aren't answers.
  private(set) var pingsReceived: UInt64 = 0
  /// The HEADERS and DATA frames sent.
  private(set) var callFramesSent: UInt64 = 0
  /// The SETTINGS of this side that the peer has acknowledged.
  private(set) var settingsAcknowledged: UInt64 = 0

  private var debt = 0
  private let limit: Int
  private var resets: TokenBucket?
  private var hasTooManyResets = false

  /// Payload that a window cut to fewer bytes than this is a crumb.
  private static let crumb = 256

  /// Creates a guard that lets `limit` frames go unpaid, and resets come as `resets` lets them; nil for any number.
  init(limit: Int, resets: TokenBucket?) {
    self.limit = limit
    self.resets = resets
  }

  var isFlooded: Bool { self.debt > self.limit || self.hasTooManyResets }

  mutating func receivedBurst() {
    self.pay(1)
  }

  /// A header or trailer section came; a call may cost a few WINDOW_UPDATEs and a reset.
  mutating func receivedHeaders() {
    self.pay(8)
  }

  mutating func receivedData(isEmpty: Bool) {
    if isEmpty {
      self.debt += 1
    } else {
      self.pay(1)
    }
  }

  mutating func receivedPing() {
    self.pingsReceived += 1
    self.debt += 1
  }

  mutating func receivedSettingsAcknowledgement() {
    self.settingsAcknowledged += 1
  }

  mutating func receivedReset() {
    self.debt += 1
    if self.resets?.take(at: .now) == false {
      self.hasTooManyResets = true
    }
  }

  /// Any other frame came.
  mutating func receivedControl() {
    self.debt += 1
  }

  mutating func sentHeaders() {
    self.callFramesSent += 1
  }

  mutating func sentReset(_ code: HTTP2ErrorCode) {
    switch code {
    case .noError, .cancel, .refusedStream, .internalError:
      // For reasons of this side's own.
      break
    default:
      // The peer broke the protocol on the stream. More than the call's headers have paid.
      self.debt += 16
    }
  }

  /// A DATA frame left with `count` bytes; `isCutShort` tells that more would have if the peer's window had let it.
  mutating func sentData(_ count: Int, isCutShort: Bool) {
    self.callFramesSent += 1
    if isCutShort, count < Self.crumb {
      self.debt += 1
    } else {
      // The simplest clients answer each frame with two WINDOW_UPDATEs and measure the path with a PING.
      self.pay(4)
    }
  }

  private mutating func pay(_ amount: Int) {
    self.debt = max(0, self.debt - amount)
  }
}

import CLibPQ

/// The one owner of a `PGconn`: finished when it goes.
struct Connection: ~Copyable {
  let raw: OpaquePointer

  /// Takes ownership. Notices are dropped: they may quote values, and libpq would print them.
  init(owning raw: OpaquePointer) {
    self.raw = raw
    PQsetNoticeReceiver(raw, { _, _ in }, nil)
  }

  deinit {
    PQfinish(raw)
  }
}

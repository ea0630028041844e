import GRPCCore

extension CallOptions {
  /// For a call that a page waits for: a person gives up after seconds, and so does the page.
  static var page: CallOptions {
    var options = CallOptions.defaults
    options.timeout = .seconds(10)
    return options
  }

  /// For a call that hashes a password, of which a service does a few at a time: whoever signs in waits for a turn.
  static var signIn: CallOptions {
    var options = CallOptions.defaults
    options.timeout = .seconds(30)
    return options
  }
}

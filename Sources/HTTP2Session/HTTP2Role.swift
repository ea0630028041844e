/// Which end of a connection a session is.
package enum HTTP2Role: Sendable, Hashable {
  case client
  case server
}

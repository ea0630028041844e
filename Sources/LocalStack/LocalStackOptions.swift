/// What `temporis up` was asked for.
package struct LocalStackOptions: Sendable {
  /// The gateway's port unless another is asked for.
  package static let defaultGatewayPort = 8080
  /// How long the certificates between the services work unless told otherwise, in seconds.
  package static let defaultCertificateLifetime = 7 * 86_400

  /// Where everything of the stack lies. An absolute path.
  package var dataFolder: String

  /// The gateway's port on the loopback interface. 0: a free one is picked.
  package var gatewayPort = defaultGatewayPort

  /// A PostgreSQL of the user's in place of a private cluster: a URL of a role that may create roles and schemas.
  package var databaseURL: String?

  /// How many processes of each service run.
  package var replicas = Replicas()

  /// The gateway's certificate chain, PEM. With it the gateway speaks HTTPS.
  package var tlsCertificate: String?

  /// The key of the gateway's certificate, PEM.
  package var tlsKey: String?

  /// The URL that browsers know the gateway by, if another one than its own.
  package var publicURL: String?

  /// The proxies whose `X-Forwarded-…` the gateway believes, as its own flag takes them. `nil`: what the caller has
  /// exported.
  package var trustedProxies: String?

  /// Whether the services talk to each other without TLS, and take calls from anybody on this machine.
  package var plaintext = false

  /// How long the certificates between the services work. They are renewed when half of it has passed.
  package var certificateLifetime = Duration.seconds(defaultCertificateLifetime)

  /// Creates options with every default.
  package init(dataFolder: String) {
    self.dataFolder = dataFolder
  }
}

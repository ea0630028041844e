import GRPCCore

/// Looks up a method's configuration: its own, else its service's, else the default.
struct MethodConfigTable: Sendable {
  private var configs: [MethodConfig.Name: MethodConfig] = [:]

  init(_ serviceConfig: ServiceConfig) {
    for config in serviceConfig.methodConfig {
      for name in config.names {
        self.configs[name] = config
      }
    }
  }

  subscript(_ descriptor: MethodDescriptor) -> MethodConfig? {
    guard !self.configs.isEmpty else { return nil }
    let service = descriptor.service.fullyQualifiedService
    return self.configs[MethodConfig.Name(service: service, method: descriptor.method)]
      ?? self.configs[MethodConfig.Name(service: service)]
      ?? self.configs[MethodConfig.Name(service: "")]
  }
}

extension MethodConfig {
  /// What is left for GRPCCore of the configuration: the transport keeps timeouts and retries by itself, but for those
  /// of hedging, whose attempts have one time together.
  var withoutTimeoutAndRetries: MethodConfig {
    guard self.executionPolicy?.hedge == nil else { return self }
    var config = self
    config.timeout = nil
    config.executionPolicy = nil
    return config
  }
}

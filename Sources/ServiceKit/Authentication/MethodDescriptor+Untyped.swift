import GRPCCore

extension MethodDescriptor {
  /// The method by name alone: a descriptor's call kind takes part in equality, and servers differ in whether they fill
  /// it in.
  var untyped: MethodDescriptor {
    MethodDescriptor(service: service, method: method)
  }
}

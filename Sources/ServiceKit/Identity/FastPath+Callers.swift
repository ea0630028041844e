import GRPCCore
package import GRPCNghttp2Transport

extension FastPath {
  /// The same fast path for callers that the rules admit; the others fall through to ``CallerInterceptor``.
  package func admitting(_ rules: CallerRules) -> FastPath {
    let (method, handler) = (method, handler)
    guard rules.restrict(method) else { return self }
    var admitting = self
    admitting.handler = { message, context in
      rules.admit(context.peer.identity, to: method) ? handler(message, context) : .fallThrough
    }
    return admitting
  }
}

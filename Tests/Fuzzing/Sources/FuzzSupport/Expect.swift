/// Ends the process, which libFuzzer reports with the input, unless `condition` holds. Not `precondition`, whose
/// message is lost when optimized.
package func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition {
    fatalError(message())
  }
}

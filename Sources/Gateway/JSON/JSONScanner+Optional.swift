extension JSONScanner {
  /// Reads the next value if it is a string, and skips it if it is anything else.
  mutating func stringIfAny() throws(JSONSyntaxError) -> String? {
    guard try kind() == .string else {
      try skip()
      return nil
    }
    return try string()
  }

  /// Reads the next value if it is a number, and skips it if it is anything else.
  mutating func numberIfAny() throws(JSONSyntaxError) -> JSONNumber? {
    guard try kind() == .number else {
      try skip()
      return nil
    }
    return try number()
  }
}

import ServiceKit
import Testing

@Suite struct PageRequestTests {
  @Test("Pages follow each other to the end, each entry once") func pages() throws {
    let keys = (0..<25).map { "key \($0 + 100) ü" }
    var seen: [String] = []
    var token = ""
    var rounds = 0
    repeat {
      let request = try PageRequest(size: 10, token: token)
      let rest = keys.filter { $0 > request.after ?? "" }.prefix(request.limit + 1)
      let page = request.page(Array(rest)) { $0 }
      seen += page.items
      token = page.nextToken
      rounds += 1
    } while !token.isEmpty && rounds < 10
    #expect(seen == keys)
    #expect(rounds == 3)
  }

  @Test("A size of 0 is the default, and a larger one than the maximum is the maximum") func sizes() throws {
    #expect(try PageRequest(size: 0, token: "").limit == 100)
    #expect(try PageRequest(size: .max, token: "").limit == 1_000)
    let error = #expect(throws: ServiceError.self) { try PageRequest(size: -1, token: "") }
    #expect(error == ServiceError(violating: "page_size", "must not be negative"))
  }

  @Test("A token that no list call gave out is refused", arguments: ["!", "####", "AA==", "/w=="])
  func badToken(token: String) {
    let error = #expect(throws: ServiceError.self) { try PageRequest(size: 0, token: token) }
    #expect(error?.reason == .invalidArgument && error?.violations.map(\.field) == ["page_token"])
    #expect(error?.message == "page_token must be the next_page_token of an earlier answer.")
  }
}

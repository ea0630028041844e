/// A queue over an array. Its front is an index; the array is compacted when half of it is used up.
struct FIFO<Element> {
  private var storage: [Element?] = []
  private var head = 0

  var isEmpty: Bool { head == storage.count }
  var count: Int { storage.count - head }
  var first: Element? { isEmpty ? nil : storage[head] }

  mutating func append(_ element: Element) {
    storage.append(element)
  }

  mutating func popFirst() -> Element? {
    guard head < storage.count else { return nil }
    let element = storage[head]
    storage[head] = nil
    head += 1
    if head == storage.count {
      storage.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 64, head * 2 > storage.count {
      storage.removeFirst(head)
      head = 0
    }
    return element
  }

  /// Removes all elements and returns them.
  mutating func drain() -> [Element] {
    defer {
      storage.removeAll(keepingCapacity: true)
      head = 0
    }
    return storage[head...].compactMap { $0 }
  }

  /// Changes the front element in place; does nothing when empty.
  mutating func withFirst(_ body: (inout Element) -> Void) {
    guard head < storage.count, var element = storage[head] else { return }
    storage[head] = nil
    body(&element)
    storage[head] = element
  }

  /// Changes the last element in place; does nothing when empty.
  mutating func withLast(_ body: (inout Element) -> Void) {
    let last = storage.count - 1
    guard last >= head, var element = storage[last] else { return }
    storage[last] = nil
    body(&element)
    storage[last] = element
  }
}

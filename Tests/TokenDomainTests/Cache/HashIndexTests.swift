import Testing
import TokenDomain

@Suite struct HashIndexTests {
  @Test("Searches stay short in a full index, however regular the keys are")
  func shortSearches() {
    var generator = SimulationRandom(seed: 1)
    let seed = IndexSeed(using: &generator)
    var index = HashIndex(capacity: 15_625)
    for number in 0..<15_625 { index.insert(number, hash: seed.place(of: .test(UInt64(number)))) }
    #expect(index.count == 15_625)
    #expect(index.longestSearch < 400)
    for number in 0..<15_625 {
      #expect(index.first(seed.place(of: .test(UInt64(number)))) { $0 == number } == number)
    }
  }

  @Test("Another seed gives other places")
  func seeds() {
    let hash = SecretHash(Secret(kind: .accessToken))
    #expect(Set((0..<100).map { _ in IndexSeed().place(of: hash) }).count == 100)
  }

  @Test("Entries of one hash are all found, and those that stay are when others go", arguments: 0..<20)
  func removal(seed: Int) {
    var generator = SimulationRandom(seed: UInt64(seed))
    var index = HashIndex(capacity: 64)
    var places: [Int: UInt64] = [:]
    for _ in 0..<2_000 {
      let number = Int.random(in: 0..<64, using: &generator)
      if let place = places.removeValue(forKey: number) {
        index.remove(number, hash: place)
      } else {
        // Few places, the last of which is followed by the first.
        let place = UInt64([0, 1, 1 << 26, .max].randomElement(using: &generator) ?? UInt32.max)
        index.insert(number, hash: place)
        places[number] = place
      }
      #expect(index.count == places.count)
      for (number, place) in places { #expect(index.first(place) { $0 == number } == number) }
      #expect(index.first(0) { places[$0] == nil } == nil)
    }
  }

  @Test("An entry that is not there is removed without harm")
  func missing() {
    var index = HashIndex(capacity: 4)
    index.remove(0, hash: 1)
    index.insert(0, hash: 1)
    index.remove(0, hash: 2)
    index.remove(1, hash: 1)
    #expect(index.count == 1)
    index.removeAll()
    #expect(index.count == 0 && index.first(1) { _ in true } == nil)
  }
}

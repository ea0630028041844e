import FuzzSupport

/// libFuzzer, with the first byte of each input choosing what reads the others.
@main
enum Main {
  static func main() {
    runFuzzer { bytes, count in
      var input = FuzzInput(bytes, count: count)
      switch input.byte() % 9 {
      case 0...2: checkDeframer(&input)
      case 3: checkTimeout(&input)
      case 4: checkPercentEncoding(&input)
      case 5: checkBase64(&input)
      case 6: checkRequestHead(&input)
      case 7: checkGzip(&input)
      default: checkTrailers(&input)
      }
      return 0
    }
  }
}

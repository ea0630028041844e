import FuzzSupport

/// libFuzzer, with the first byte of each input choosing what the others mean.
@main
enum Main {
  static func main() {
    runFuzzer { bytes, count in
      var input = FuzzInput(bytes, count: count)
      let choice = input.byte()
      if choice & 1 == 0 {
        var script = Script(options: choice >> 1, input)
        script.run()
      } else {
        checkChunking(options: choice >> 1, input)
      }
      return 0
    }
  }
}

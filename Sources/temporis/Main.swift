import TemporisCLI

@main
enum Main {
  static func main() async {
    await TemporisCommand.launch()
  }
}

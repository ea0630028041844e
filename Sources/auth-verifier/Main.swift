import ServiceKit
import VerifierServer

@main
enum Main {
  static func main() async {
    await AuthVerifierCommand.runService()
  }
}

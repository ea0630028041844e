import ServiceKit
import TokenServer

@main
enum Main {
  static func main() async {
    await TokenServiceCommand.runService()
  }
}

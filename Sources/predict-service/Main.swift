import ArgumentParser
import PredictServer
import ServiceKit

@main
enum Main {
  static func main() async {
    await PredictServiceCommand.runService()
  }
}

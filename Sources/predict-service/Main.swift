internal import ArgumentParser
internal import PredictServer
internal import ServiceKit

@main
enum Main {
  static func main() async {
    await PredictServiceCommand.runService()
  }
}

import Gateway
import ServiceKit

@main
enum Main {
  static func main() async {
    await APIGatewayCommand.runService()
  }
}

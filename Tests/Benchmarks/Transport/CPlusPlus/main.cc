// The echo service on gRPC's C++ library, with its callback API.

#include <grpcpp/grpcpp.h>

#include <iostream>
#include <memory>

#include "echo.grpc.pb.h"

namespace {

class Echo final : public benchmark::Echo::CallbackService {
 public:
  grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context,
                                  const google::protobuf::StringValue* request,
                                  google::protobuf::StringValue* response) override {
    response->set_value(request->value());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

int main() {
  Echo service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    std::cerr << "The server could not start.\n";
    return 1;
  }
  std::cout << "127.0.0.1:" << port << std::endl;
  server->Wait();
}

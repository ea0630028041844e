// Unary gRPC calls over HTTP/2 without TLS, each with another message: what h2load cannot do.
//
//   caller PORT PATH MESSAGES LENGTH FIRST CONNECTIONS STREAMS SECONDS PREFIX
//
// MESSAGES is a file of messages of LENGTH bytes, of which each is sent once, from the FIRST on, until there are no
// more or SECONDS have passed. A call fails unless its status is OK and its answer begins with PREFIX, in hexadecimal
// digits. Prints in JSON what became of the calls; times are in microseconds. The first failure is described on standard
// error.

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kPrefixBytes = 5;

[[noreturn]] void Fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

// What all connections share: the messages that are left, and what became of the calls.
struct Run {
  std::string path;
  std::string authority;
  std::string prefix;
  const uint8_t* messages = nullptr;
  size_t length = 0;
  size_t next = 0;
  size_t count = 0;
  Clock::time_point end;
  size_t calls = 0;
  size_t failures = 0;
  std::vector<uint32_t> times;

  void fail(size_t calls, const std::string& why) {
    if (failures == 0) std::fprintf(stderr, "%s\n", why.c_str());
    failures += calls;
  }

  bool has_more() const { return next < count && Clock::now() < end; }
};

struct Call {
  const uint8_t* message;
  Clock::time_point begin;
  std::string answer;
  std::string status;
  std::string reason;
};

// A connection with a fixed number of calls at a time, until the run has no more.
class Connection {
 public:
  Connection(Run& run, int port, int streams) : run_(run) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) Fail("connect");
    int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
    for (int stream = 0; stream < streams && run_.has_more(); ++stream) Begin();
    Send();
  }

  ~Connection() {
    nghttp2_session_del(session_);
    ::close(socket_);
  }

  int socket() const { return socket_; }
  bool is_over() const { return active_ == 0; }

  void Receive() {
    uint8_t bytes[65536];
    ssize_t received = ::recv(socket_, bytes, sizeof bytes, MSG_DONTWAIT);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (received <= 0 || nghttp2_session_mem_recv(session_, bytes, received) < 0) {
      // The calls that it had are lost.
      run_.calls += active_;
      run_.fail(active_, "The connection was lost.");
      active_ = 0;
      return;
    }
    Send();
  }

 private:
  void Begin() {
    auto* call = new Call{run_.messages + run_.next++ * run_.length, Clock::now(), {}, {}, {}};
    nghttp2_nv headers[] = {
        Header(":method", "POST"),      Header(":scheme", "http"),
        Header(":path", run_.path),     Header(":authority", run_.authority),
        Header("te", "trailers"),       Header("content-type", "application/grpc"),
    };
    nghttp2_data_provider body{};
    body.source.ptr = call;
    body.read_callback = ReadBody;
    if (nghttp2_submit_request(session_, nullptr, headers, std::size(headers), &body, call) < 0) Fail("submit");
    ++active_;
  }

  static nghttp2_nv Header(std::string_view name, std::string_view value) {
    auto bytes = [](std::string_view text) { return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data())); };
    return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
  }

  // Blocks while the server doesn't read; it never waits for us to read, as answers are short.
  void Send() {
    out_.clear();
    const uint8_t* bytes = nullptr;
    for (ssize_t count; (count = nghttp2_session_mem_send(session_, &bytes)) > 0;)
      out_.append(reinterpret_cast<const char*>(bytes), count);
    for (size_t sent = 0; sent < out_.size();) {
      ssize_t count = ::send(socket_, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
      if (count < 0 && errno != EINTR) return;
      sent += std::max<ssize_t>(count, 0);
    }
  }

  static ssize_t ReadBody(nghttp2_session*, int32_t, uint8_t* buffer, size_t, uint32_t* flags,
                          nghttp2_data_source* source, void* user) {
    size_t length = static_cast<Connection*>(user)->run_.length;
    buffer[0] = 0;
    for (int byte = 0; byte < 4; ++byte) buffer[1 + byte] = length >> (24 - 8 * byte);
    std::memcpy(buffer + kPrefixBytes, static_cast<Call*>(source->ptr)->message, length);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return kPrefixBytes + length;
  }

  static int OnHeader(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name, size_t name_length,
                      const uint8_t* value, size_t value_length, uint8_t, void*) {
    auto* call = static_cast<Call*>(nghttp2_session_get_stream_user_data(session, frame->hd.stream_id));
    std::string_view field(reinterpret_cast<const char*>(name), name_length);
    if (!call || field.size() < 11) return 0;
    if (field == "grpc-status") call->status.assign(reinterpret_cast<const char*>(value), value_length);
    if (field == "grpc-message") call->reason.assign(reinterpret_cast<const char*>(value), value_length);
    return 0;
  }

  static int OnData(nghttp2_session* session, uint8_t, int32_t stream, const uint8_t* bytes, size_t length, void*) {
    auto* call = static_cast<Call*>(nghttp2_session_get_stream_user_data(session, stream));
    if (call) call->answer.append(reinterpret_cast<const char*>(bytes), length);
    return 0;
  }

  static int OnClose(nghttp2_session* session, int32_t stream, uint32_t, void* user) {
    auto& connection = *static_cast<Connection*>(user);
    auto& run = connection.run_;
    std::unique_ptr<Call> call(static_cast<Call*>(nghttp2_session_get_stream_user_data(session, stream)));
    bool is_right = call->status == "0" && call->answer.size() >= kPrefixBytes &&
                    call->answer.compare(kPrefixBytes, run.prefix.size(), run.prefix) == 0;
    ++run.calls;
    if (!is_right) run.fail(1, "Status " + call->status + ": " + call->reason);
    run.times.push_back(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - call->begin).count());
    --connection.active_;
    if (run.has_more()) connection.Begin();
    return 0;
  }

  Run& run_;
  int socket_;
  nghttp2_session* session_ = nullptr;
  size_t active_ = 0;
  std::string out_;
};

std::string FromHexadecimal(std::string_view digits) {
  std::string bytes;
  for (size_t index = 0; index + 1 < digits.size(); index += 2)
    bytes.push_back(std::stoi(std::string(digits.substr(index, 2)), nullptr, 16));
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 10) {
    std::fputs("usage: caller PORT PATH MESSAGES LENGTH FIRST CONNECTIONS STREAMS SECONDS PREFIX\n", stderr);
    return 64;
  }
  int port = std::atoi(argv[1]), connections = std::atoi(argv[6]), streams = std::atoi(argv[7]);
  Run run;
  run.path = argv[2];
  run.authority = "127.0.0.1:" + std::to_string(port);
  run.prefix = FromHexadecimal(argv[9]);
  run.length = std::atol(argv[4]);
  run.next = std::atol(argv[5]);

  int file = open(argv[3], O_RDONLY);
  struct stat status{};
  if (file < 0 || fstat(file, &status) != 0 || run.length == 0) Fail(argv[3]);
  void* mapped = mmap(nullptr, status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  if (mapped == MAP_FAILED) Fail(argv[3]);
  run.messages = static_cast<const uint8_t*>(mapped);
  run.count = status.st_size / run.length;
  run.times.reserve(run.count);

  auto begin = Clock::now();
  run.end = begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(std::atof(argv[8])));
  int poll = epoll_create1(0);
  std::vector<std::unique_ptr<Connection>> open_connections;
  for (int number = 0; number < connections; ++number) {
    auto& connection = open_connections.emplace_back(std::make_unique<Connection>(run, port, streams));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection.get();
    epoll_ctl(poll, EPOLL_CTL_ADD, connection->socket(), &event);
  }
  auto is_over = [](const auto& connection) { return connection->is_over(); };
  while (!std::all_of(open_connections.begin(), open_connections.end(), is_over)) {
    epoll_event events[64];
    int ready = epoll_wait(poll, events, std::size(events), 60'000);
    // A server that is silent for a minute has lost calls.
    if (ready == 0) Fail("silence");
    for (int index = 0; index < ready; ++index) {
      auto* connection = static_cast<Connection*>(events[index].data.ptr);
      connection->Receive();
      if (connection->is_over()) epoll_ctl(poll, EPOLL_CTL_DEL, connection->socket(), nullptr);
    }
  }
  double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::sort(run.times.begin(), run.times.end());
  auto percentile = [&](size_t part) { return run.times.empty() ? 0 : run.times[(run.times.size() - 1) * part / 100]; };
  std::printf("{\"calls\": %zu, \"failures\": %zu, \"next\": %zu, \"seconds\": %.6f, \"p50\": %u, \"p99\": %u}\n",
              run.calls, run.failures, run.next, seconds, percentile(50), percentile(99));
}
